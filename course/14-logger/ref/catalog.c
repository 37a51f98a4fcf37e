/* catalog.c - the file `catalog` holds an array: the partition with id i is its i-th member. */
#include "catalog.h"

#include "file.h"
#include "node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

static struct topic *topics;
static size_t topic_count;
static struct json *kept; /* NULL: none yet */

static struct part_config config_of(const struct json *fields)
{
    const struct json *compact = json_get(fields, "compact");

    return (struct part_config){
        .segment_bytes = (uint64_t)json_int_of(json_get(fields, "segment_bytes"), 1 << 20),
        .retention_bytes = (uint64_t)json_int_of(json_get(fields, "retention_bytes"), 0),
        .retention_ms = (uint64_t)json_int_of(json_get(fields, "retention_ms"), 0),
        .tombstone_ms = (uint64_t)json_int_of(json_get(fields, "tombstone_ms"), DAY_MS),
        .compact = compact != NULL && compact->type == JSON_BOOL && compact->boolean,
    };
}

static void add(const struct json *fields)
{
    const char *key = json_text_of(json_get(fields, "key"));
    struct part_config config = config_of(fields);
    struct topic *t;

    topics = must_alloc(topics, (topic_count + 1) * sizeof(*topics));
    t = &topics[topic_count];
    t->key = strdup(key);
    t->part = part_open((unsigned)topic_count++, &config);
}

void catalog_open(void)
{
    struct bytes b = {0};
    int fd = file_open("catalog", false);

    folder_remove("catalog.tmp");
    if (fd < 0)
        return;
    if (file_read_all(fd, &b) == 0)
        kept = json_keep(json_parse(b.data, b.len));
    file_close(fd);
    free(b.data);
    if (kept == NULL) {
        node_log("catalog is damaged"); /* it was put there whole, by one rename */
        exit(1);
    }
    for (size_t i = 0; i < json_len(kept); i++)
        add(json_at(kept, i));
}

int catalog_create(const char *key, const struct json *fields)
{
    struct json *all = json_array(), *one = json_object(), *before;
    const char *text;
    int status;

    if (catalog_find(key) != NULL)
        return -EEXIST;
    for (size_t i = 0; i < json_len(kept); i++)
        json_push(all, json_at(kept, i));
    for (uint32_t i = 0; fields != NULL && i < fields->len; i++)
        json_set(one, fields->members[i].key, fields->members[i].value);
    json_set(one, "key", json_string(key));
    json_push(all, one);
    text = json_show(all);
    status = file_replace("catalog", text, strlen(text));
    if (status < 0)
        return status;
    before = kept;
    kept = json_keep(all); /* which still looks into the one before */
    json_free(before);
    add(json_at(kept, json_len(kept) - 1));
    return 0;
}

struct topic *catalog_find(const char *key)
{
    for (size_t i = 0; i < topic_count; i++) {
        if (strcmp(topics[i].key, key) == 0)
            return &topics[i];
    }
    return NULL;
}

struct topic *catalog_at(size_t i)
{
    return i < topic_count ? &topics[i] : NULL;
}

#include "config.h"

#include "file.h"
#include "node.h"

#include <stdlib.h>
#include <string.h>

static struct json *kept; /* NULL: not configured */

bool config_load(void)
{
    struct bytes b = {0};
    int fd = file_open("config", false);

    folder_remove("config.tmp");
    if (fd < 0)
        return false;
    if (file_read_all(fd, &b) == 0)
        kept = json_keep(json_parse(b.data, b.len));
    file_close(fd);
    if (kept == NULL) {
        node_log("config is damaged"); /* it was put there whole, by one rename */
        exit(1);
    }
    return true;
}

int config_store(const struct json *fields)
{
    const char *text = json_show(fields);
    int status = file_replace("config", text, strlen(text));

    if (status == 0) {
        json_free(kept);
        kept = json_keep(fields);
    }
    return status;
}

int config_change(const struct json *fields)
{
    static const char *const names[] = {"compaction", "bloom_bits"};
    const char *old = json_show(kept);
    size_t len = strlen(old);
    char *copy = json_scratch(len + 1);
    struct json *next;

    memcpy(copy, old, len + 1);
    next = json_parse(copy, len);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (json_get(fields, names[i]) != NULL)
            json_set(next, names[i], json_get(fields, names[i]));
    }
    return config_store(next);
}

const char *config_text(const char *key, const char *otherwise)
{
    const char *text = json_text_of(json_get(kept, key));

    return text != NULL ? text : otherwise;
}

int64_t config_int(const char *key, int64_t otherwise)
{
    return json_int_of(json_get(kept, key), otherwise);
}

bool config_bool(const char *key, bool otherwise)
{
    const struct json *v = json_get(kept, key);

    return v != NULL && v->type == JSON_BOOL ? v->boolean : otherwise;
}

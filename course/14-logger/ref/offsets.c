/* offsets.c - commit_offsets, list_committed_offsets, group_lag.
 *
 * Each committed offset is a message [k, v] of the partition __offsets: k is the text of the JSON
 * array [group, key], v is {"o": offset, "g": generation, "m": metadata}. The message's own time is
 * when it was committed. Compaction keeps the last of each k, so the partition is as long as there
 * are offsets, not as there were commits; a start reads it once from its beginning.
 *
 * In memory there are two maps: k to v, and group to its generation and last commit. Both are what
 * replaying gives, and nothing else: note() is the only function that changes them. The highest
 * generation of a group is always in the last message of some key, so compaction does not lose it.
 */
#include "offsets.h"

#include "config.h"
#include "control.h"
#include "engine.h"
#include "rebalance.h"
#include "replica.h"
#include "reply.h"
#include "skiplist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { WEEK_MS = 7 * 24 * 3600 * 1000, COMMIT_KEYS_MAX = 64 };

static struct skiplist *entries, *groups;

struct group {
    int64_t generation;
    uint64_t last_ms; /* of its last commit */
};

static struct slice text_slice(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static struct slice find(const struct skiplist *map, struct slice key)
{
    const struct skipnode *n = skiplist_seek(map, key, 0);
    const struct entry *e = n == NULL ? NULL : skiplist_entry(n);

    if (e == NULL || slice_compare(e->key, key) != 0)
        return (struct slice){0};
    return e->value;
}

static struct group group_of(const char *name)
{
    struct slice found = find(groups, text_slice(name));
    struct group g = {0};

    if (found.len == sizeof(g))
        memcpy(&g, found.data, sizeof(g));
    return g;
}

static const char *entry_key(const char *group, const char *key)
{
    struct json *pair = json_array();

    json_push(pair, json_string(group));
    json_push(pair, json_string(key));
    return json_show(pair);
}

static struct json *parse(struct slice text)
{
    char *copy = json_scratch(text.len + 1);

    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    return json_parse(copy, text.len);
}

/* The keys of one group lie side by side: ["group", ... */
static bool is_of(const struct entry *e, const char *group)
{
    struct json *pair = parse(e->key);
    const char *name = json_text_of(json_at(pair, 0));

    return name != NULL && strcmp(name, group) == 0;
}

static const struct skipnode *first_of(const char *group)
{
    char *text = (char *)entry_key(group, "");

    text[strlen(text) - 3] = '\0'; /* without "] */
    return skiplist_seek(entries, text_slice(text), UINT64_MAX);
}

static bool note(void *owner, const struct item *it)
{
    struct json *pair = parse(it->payload), *v = json_at(pair, 1);
    const char *k = json_text_of(json_at(pair, 0));
    const char *name = json_text_of(json_at(parse(text_slice(k)), 0));
    struct group g = group_of(name);
    struct entry e = {.key = text_slice(k)};
    int64_t generation = json_int_of(json_get(v, "g"), 0);

    (void)owner;
    if (json_at(parse(text_slice(k)), 1) == NULL) { /* [group]: its members */
        rebalance_note(name, v);
        return true;
    }
    if (json_is_null(v)) {
        const struct skipnode *n;

        skiplist_remove(entries, &e);
        n = first_of(name);
        if (n == NULL || !is_of(skiplist_entry(n), name))
            skiplist_remove(groups, &(struct entry){.key = text_slice(name)});
        return true;
    }
    e.value = text_slice(json_show(v));
    skiplist_put(entries, &e);
    if (generation > g.generation)
        g.generation = generation;
    if (it->ms > g.last_ms)
        g.last_ms = it->ms;
    skiplist_put(groups,
                 &(struct entry){.key = text_slice(name), .value = {(const char *)&g, sizeof(g)}});
    return true;
}

/* ---- the partition ---- */

static uint32_t loaded_epoch; /* in which the maps were made; 0: never */

/* The partition, led by us, with the maps made from it. NULL, and *ret_code says why: it is made
 * when it is first needed. Whoever begins to lead reads it when all of it is under the watermark.
 */
struct topic *offsets_topic(int *ret_code)
{
    struct topic *t = topic_find(OFFSETS_KEY);
    struct json *fields = json_object();

    if (t == NULL) {
        json_set(fields, "compact", json_bool(true));
        json_set(fields, "segment_bytes", json_int(config_int("offsets_segment_bytes", 65536)));
        control_create(OFFSETS_KEY, fields, NULL, NULL);
        t = topic_find(OFFSETS_KEY); /* there at once, if we are the only node */
    }
    *ret_code = t == NULL ? NODE_UNAVAILABLE : replica_leads(t);
    if (*ret_code != NODE_OK)
        return NULL;
    if (loaded_epoch != t->epoch && t->watermark < t->epoch_start) {
        *ret_code = NODE_UNAVAILABLE;
        return NULL;
    }
    if (loaded_epoch != t->epoch) {
        skiplist_free(entries);
        skiplist_free(groups);
        entries = skiplist_new();
        groups = skiplist_new();
        rebalance_forget();
        part_read(t->part, 0, note, NULL);
        loaded_epoch = t->epoch;
    }
    return t;
}

bool offsets_refused(const struct message *m, const struct topic *t, int code)
{
    if (t == NULL && code == CODE_NOT_LEADER)
        replica_refuse(m, topic_find(OFFSETS_KEY));
    else if (t == NULL)
        node_error(m, (enum node_code)code, "not ready; ask again");
    return t == NULL;
}

void offsets_read_again(void)
{
    loaded_epoch = 0;
}

void offsets_open(void)
{
    entries = skiplist_new();
    groups = skiplist_new();
}

/* Messages that are appended together. */
struct batch {
    struct slice payloads[COMMIT_KEYS_MAX];
    size_t count;
};

static void batch_add(struct batch *b, const char *k, struct json *v)
{
    struct json *pair = json_array();

    json_push(pair, json_string(k));
    json_push(pair, v);
    b->payloads[b->count++] = text_slice(json_show(pair));
}

static enum node_code batch_append(struct batch *b, struct topic *t)
{
    struct item it;
    enum node_code code =
        replica_append(t, (struct payloads){b->payloads, b->count}, ACKS_ALL, &it);

    for (size_t i = 0; code == NODE_OK && i < b->count; i++) {
        it.payload = b->payloads[i];
        note(NULL, &it);
    }
    b->count = 0;
    return code;
}

enum node_code offsets_store_group(const char *group, struct json *v)
{
    struct json *k = json_array(), *pair = json_array();
    struct slice payload;
    struct item it;

    json_push(k, json_string(group));
    json_push(pair, json_string(json_show(k)));
    json_push(pair, v);
    payload = text_slice(json_show(pair));
    return replica_append(topic_find(OFFSETS_KEY), (struct payloads){&payload, 1}, ACKS_ALL, &it);
}

/* Commits */

/* NODE_OK, or what is wrong with it. */
static enum node_code judge(const struct message *m, const char *group, const char **ret_why)
{
    const struct json *offsets = json_get(m->body, "offsets");
    const char *member = json_text_of(json_get(m->body, "member"));

    *ret_why = "group must be a string, offsets an object with 1 to 64 members";
    if (group == NULL || offsets == NULL || offsets->type != JSON_OBJECT || offsets->len == 0 ||
        offsets->len > COMMIT_KEYS_MAX)
        return NODE_MALFORMED;
    *ret_why = "an older generation";
    if (!rebalance_has(group) &&
        json_int_of(json_get(m->body, "generation"), 0) < group_of(group).generation)
        return NODE_PRECONDITION;
    for (uint32_t i = 0; i < offsets->len; i++) {
        const struct topic *t = topic_find(offsets->members[i].key);
        int64_t offset = json_int_of(offsets->members[i].value, -1);

        *ret_why = "no such partition";
        if (t == NULL)
            return NODE_NO_KEY;
        *ret_why = "the partition belongs to another member";
        if (rebalance_has(group) && !rebalance_owns(group, member == NULL ? "" : member,
                                                    json_int_of(json_get(m->body, "generation"), 0),
                                                    offsets->members[i].key))
            return NODE_PRECONDITION;
        *ret_why = "not an offset of this partition";
        if (offset < 0 || (t->role == LEADER && (uint64_t)offset > part_end(t->part)))
            return NODE_PRECONDITION;
    }
    return NODE_OK;
}

static void commit_is_settled(void *owner, bool ok)
{
    struct message *m = owner;

    if (ok)
        node_reply(m, "commit_offsets_ok", NULL);
    else
        node_error(m, NODE_CRASH, "the leader changed; it may have been stored");
    node_free(m);
}

static void on_commit_offsets(const struct message *m)
{
    const char *group = json_text_of(json_get(m->body, "group")), *why;
    const struct json *offsets = json_get(m->body, "offsets");
    struct batch b = {.count = 0};
    enum node_code code;
    int why_not;
    struct topic *t = offsets_topic(&why_not);

    if (offsets_refused(m, t, why_not))
        return;
    code = judge(m, group, &why);
    for (uint32_t i = 0; code == NODE_OK && i < offsets->len; i++) {
        struct json *v = json_object();

        json_set(v, "o", offsets->members[i].value);
        json_set(v, "g", json_int(json_int_of(json_get(m->body, "generation"), 0)));
        if (!json_is_null(json_get(m->body, "metadata")))
            json_set(v, "m", json_get(m->body, "metadata"));
        batch_add(&b, entry_key(group, offsets->members[i].key), v);
    }
    if (code == NODE_OK) {
        why = "the offsets could not be stored";
        code = batch_append(&b, t);
    }
    if (code == NODE_OK)
        replica_wait(t, part_end(t->part), commit_is_settled, node_keep(m));
    else
        node_error(m, code, why);
}

/* What is asked for is told when it cannot be taken back any more. */
static void list_is_settled(void *owner, bool ok)
{
    struct message *m = owner;
    const char *group = json_text_of(json_get(m->body, "group"));
    const struct json *keys = json_get(m->body, "keys");
    struct json *offsets = json_object(), *metadata = json_object();

    for (size_t i = 0; group != NULL && i < json_len(keys); i++) {
        const char *key = json_text_of(json_at(keys, i));
        struct slice found = {0};

        if (key != NULL)
            found = find(entries, text_slice(entry_key(group, key)));
        if (found.len == 0)
            continue;
        json_set(offsets, key, json_get(parse(found), "o"));
        if (!json_is_null(json_get(parse(found), "m")))
            json_set(metadata, key, json_get(parse(found), "m"));
    }
    if (ok)
        node_reply(m, "list_committed_offsets_ok", "offsets", offsets, "metadata", metadata, NULL);
    else
        node_error(m, NODE_UNAVAILABLE, "the leader changed");
    node_free(m);
}

static void on_list_committed_offsets(const struct message *m)
{
    int why_not;
    struct topic *t = offsets_topic(&why_not);

    if (!offsets_refused(m, t, why_not))
        replica_wait(t, part_end(t->part), list_is_settled, node_keep(m));
}

/* Of the partitions that lie here; of others we do not know the end. */
static void on_group_lag(const struct message *m)
{
    const char *group = json_text_of(json_get(m->body, "group"));
    struct json *lag = json_object();
    const struct skipnode *n;
    int why_not;
    const struct topic *offsets = offsets_topic(&why_not);

    if (offsets_refused(m, offsets, why_not))
        return;
    n = group == NULL ? NULL : first_of(group);
    for (; n != NULL && is_of(skiplist_entry(n), group); n = skiplist_next(n)) {
        const char *key = json_text_of(json_at(parse(skiplist_entry(n)->key), 1));
        uint64_t next = (uint64_t)json_int_of(json_get(parse(skiplist_entry(n)->value), "o"), 0);
        const struct topic *t = topic_find(key);

        if (t->part == NULL)
            continue;
        if (next < part_first(t->part))
            next = part_first(t->part); /* what is before is gone, and nobody can read it */
        json_set(lag, key, json_int(t->watermark > next ? (int64_t)(t->watermark - next) : 0));
    }
    node_reply(m, "group_lag_ok", "lag", lag, NULL);
}

/* Expiry */

static void expire(struct topic *t, const char *group)
{
    struct batch b = {.count = 0};
    const struct skipnode *n = first_of(group);

    while (n != NULL && is_of(skiplist_entry(n), group) && b.count < COMMIT_KEYS_MAX) {
        batch_add(&b, json_text_of(reply_text(skiplist_entry(n)->key)), json_null());
        n = skiplist_next(n);
    }
    batch_append(&b, t); /* if that fails, or there were more, the next round goes on */
}

void offsets_expire(void)
{
    struct json *old = json_array();
    struct topic *t = topic_find(OFFSETS_KEY);
    uint64_t now_ms;
    int why_not;

    if (t == NULL || offsets_topic(&why_not) == NULL)
        return;
    now_ms = part_now(t->part);
    for (const struct skipnode *n = skiplist_seek(groups, (struct slice){"", 0}, UINT64_MAX);
         n != NULL; n = skiplist_next(n)) {
        struct group g;

        memcpy(&g, skiplist_entry(n)->value.data, sizeof(g));
        if (now_ms - g.last_ms > (uint64_t)config_int("group_expire_ms", WEEK_MS))
            json_push(old, reply_text(skiplist_entry(n)->key));
    }
    for (size_t i = 0; i < json_len(old); i++)
        expire(t, json_text_of(json_at(old, i)));
}

void offsets_routes(void)
{
    engine_on("commit_offsets", &engine_dlog, on_commit_offsets);
    engine_on("list_committed_offsets", &engine_dlog, on_list_committed_offsets);
    engine_on("group_lag", &engine_dlog, on_group_lag);
}

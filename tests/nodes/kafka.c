/* kafka.c - kafka. Right: every key has one owner (chosen by its hash), which alone gives offsets
 * and knows what was committed; other nodes pass requests on to it.
 *
 * A request passed on carries a number that no other request has. The owner stores it with the
 * message, so a copy made by the network, even one that comes after a restart, is answered from
 * the log and not appended again. Nothing is sent twice by us: without an answer the client hears
 * of a timeout, which leaves open whether the message is in the log. */
#include "disk.h"
#include "mode.h"
#include "node.h"
#include "table.h"

enum { CALL_MS = 1000, POLL_MAX = 64 };

static enum {
    RIGHT,
    LOCAL,
    SAME_OFFSET,
    SKIPS,
    LOSES,
    FORGETS_COMMITS,
    DUPLICATES,
    FORGETS,
} mode;
static const char *const modes[] = {
    "right",           "local",      "same-offset", "skips", "loses",
    "forgets-commits", "duplicates", "forgets",     NULL,
};

struct record {
    int64_t offset;
    struct json *msg; /* kept */
};

/* A key and its messages, in order of offset. */
struct log {
    struct record *records;
    size_t len, cap;
    int64_t next_offset;
    int64_t committed; /* -1: nothing */
};

static struct table logs;       /* key to struct log */
static struct table done;       /* number of a request to the offset it got, plus one */
static struct json *own_number; /* of this start of this node: a random text */
static int64_t request_count;

static struct log *log_of(const char *key)
{
    void **place = table_at(&logs, key);

    if (*place == NULL) {
        struct log *l = calloc(1, sizeof(*l));

        if (l == NULL)
            abort();
        l->committed = -1;
        *place = l;
    }
    return *place;
}

static int owner_of(const char *key)
{
    unsigned hash = 5381;

    if (mode == LOCAL)
        return node_self();
    for (const char *c = key; *c != '\0'; c++)
        hash = 33 * hash + (unsigned char)*c;
    return (int)(hash % (unsigned)node_count());
}

static void log_put(struct log *l, int64_t offset, const struct json *msg)
{
    if (l->len == l->cap) {
        l->cap = 2 * l->cap + 16;
        l->records = realloc(l->records, l->cap * sizeof(*l->records));
        if (l->records == NULL)
            abort();
    }
    l->records[l->len++] = (struct record){offset, json_keep(msg)};
    if (offset >= l->next_offset)
        l->next_offset = offset + 1;
}

static void commit(const char *key, int64_t offset)
{
    struct log *l = log_of(key);

    if (offset > l->committed)
        l->committed = offset;
}

/* On disk: [key, offset, msg, number] for a message, [key, offset] for a commit. */
static void replay(const struct json *r)
{
    const char *key = json_text_of(json_at(r, 0));
    int64_t offset = json_int_of(json_at(r, 1), 0);

    if (json_len(r) == 2) {
        commit(key, offset);
        return;
    }
    log_put(log_of(key), offset, json_at(r, 2));
    *table_at(&done, json_text_of(json_at(r, 3))) = (void *)(intptr_t)(offset + 1);
}

/* Appends as the owner; gives the offset. */
static int64_t append(const char *key, const struct json *msg, const char *number)
{
    struct log *l = log_of(key);
    intptr_t before = (intptr_t)table_get(&done, number);
    struct json *r = json_array();
    int64_t offset = l->next_offset;

    if (before != 0)
        return before - 1;
    if (mode == SAME_OFFSET && offset > 0 && offset % 10 == 0)
        offset--;
    if (mode == LOSES && offset % 10 == 9) {
        l->next_offset++;
        return offset;
    }
    *table_at(&done, number) = (void *)(intptr_t)(offset + 1);
    log_put(l, offset, msg);
    if (mode == DUPLICATES && offset % 10 == 5)
        log_put(l, offset + 1, msg);
    json_push(r, json_string(key));
    json_push(r, json_int(offset));
    json_push(r, (struct json *)(uintptr_t)msg);
    json_push(r, json_string(number));
    disk_append(r);
    return offset;
}

static struct json *records_from(const char *key, int64_t from)
{
    struct json *list = json_array();
    struct log *l = log_of(key);
    size_t i = l->len;

    while (i > 0 && l->records[i - 1].offset >= from)
        i--;
    for (size_t end = l->len - i > POLL_MAX ? i + POLL_MAX : l->len; i < end; i++) {
        struct json *pair = json_array();

        if (mode == SKIPS && i % 10 == 7 && i + 1 < l->len)
            continue;
        json_push(pair, json_int(l->records[i].offset));
        json_push(pair, l->records[i].msg);
        json_push(list, pair);
    }
    return list;
}

/* send */

static void on_append(const struct message *m)
{
    const char *key = json_text_of(json_get(m->body, "key"));
    const char *number = json_text_of(json_get(m->body, "number"));

    node_reply(m, "append_ok", "offset", json_int(append(key, json_get(m->body, "msg"), number)),
               NULL);
}

static void appended(void *owner, const struct message *m)
{
    if (node_code_of(m) == NODE_OK)
        node_reply(owner, "send_ok", "offset", json_get(m->body, "offset"), NULL);
    else
        node_error(owner, NODE_TIMEOUT, "the owner of the key did not answer in time");
    node_free(owner);
}

static void on_send(const struct message *m)
{
    const char *key = json_text_of(json_get(m->body, "key"));
    char number[128];

    if (key == NULL) {
        node_error(m, NODE_MALFORMED, "key must be a string");
        return;
    }
    snprintf(number, sizeof(number), "%s-%lld", json_text_of(own_number),
             (long long)++request_count);
    if (owner_of(key) == node_self())
        node_reply(m, "send_ok", "offset", json_int(append(key, json_get(m->body, "msg"), number)),
                   NULL);
    else
        node_call(node_name(owner_of(key)), CALL_MS, appended, node_keep(m), "append", "key",
                  json_get(m->body, "key"), "msg", json_get(m->body, "msg"), "number",
                  json_string(number), NULL);
}

/* poll, commit_offsets and list_committed_offsets ask several owners and join their answers. */

struct join {
    struct message *request;
    struct json *fields; /* kept copy of what has come together; an object */
    int left;            /* owners that have not answered */
    bool failed;
};

static void join_reply(struct join *j)
{
    if (j->failed)
        node_error(j->request, NODE_TIMEOUT, "the owner of a key did not answer in time");
    else if (strcmp(j->request->type, "poll") == 0)
        node_reply(j->request, "poll_ok", "msgs", j->fields, NULL);
    else if (strcmp(j->request->type, "commit_offsets") == 0)
        node_reply(j->request, "commit_offsets_ok", NULL);
    else
        node_reply(j->request, "list_committed_offsets_ok", "offsets", j->fields, NULL);
    node_free(j->request);
    json_free(j->fields);
    free(j);
}

static void join_add(struct join *j, const struct json *part)
{
    struct json *all = json_object();

    for (size_t i = 0; i < json_len(j->fields); i++)
        json_set(all, j->fields->members[i].key, j->fields->members[i].value);
    for (size_t i = 0; i < json_len(part); i++)
        json_set(all, part->members[i].key, part->members[i].value);
    all = json_keep(all);
    json_free(j->fields);
    j->fields = all;
}

static void joined(void *owner, const struct message *m)
{
    struct join *j = owner;

    if (node_code_of(m) == NODE_OK)
        join_add(j, json_get(m->body, "part"));
    else
        j->failed = true;
    if (--j->left == 0)
        join_reply(j);
}

/* What the owner answers for its keys: wanted is {key: offset or null}. */
static struct json *part_of(const char *type, const struct json *wanted)
{
    struct json *part = json_object();

    for (size_t i = 0; i < json_len(wanted); i++) {
        const char *key = wanted->members[i].key;
        int64_t offset = json_int_of(wanted->members[i].value, 0);

        if (strcmp(type, "poll") == 0) {
            json_set(part, key, records_from(key, offset));
        } else if (strcmp(type, "commit_offsets") == 0) {
            struct json *r = json_array();

            if (mode == FORGETS_COMMITS)
                continue;
            commit(key, offset);
            json_push(r, json_string(key));
            json_push(r, json_int(offset));
            disk_append(r);
        } else if (log_of(key)->committed >= 0) {
            json_set(part, key, json_int(log_of(key)->committed));
        }
    }
    return part;
}

static void on_part(const struct message *m)
{
    const char *what = json_text_of(json_get(m->body, "what"));

    node_reply(m, "part_ok", "part", part_of(what, json_get(m->body, "wanted")), NULL);
}

static struct json *wanted_of(const struct message *m)
{
    struct json *offsets = json_get(m->body, "offsets"), *keys = json_get(m->body, "keys");

    if (offsets != NULL)
        return offsets;
    offsets = json_object();
    for (size_t i = 0; i < json_len(keys); i++) {
        if (json_text_of(json_at(keys, i)) != NULL)
            json_set(offsets, json_text_of(json_at(keys, i)), json_null());
    }
    return offsets;
}

static void on_many(const struct message *m)
{
    struct json *wanted = wanted_of(m);
    struct json **shares = json_scratch((size_t)node_count() * sizeof(struct json *));
    struct join *j = calloc(1, sizeof(*j));

    if (j == NULL)
        abort();
    for (int i = 0; i < node_count(); i++)
        shares[i] = json_object();
    for (size_t i = 0; i < json_len(wanted); i++) {
        const char *key = wanted->members[i].key;

        json_set(shares[owner_of(key)], key, wanted->members[i].value);
    }
    j->request = node_keep(m);
    j->fields = json_keep(part_of(m->type, shares[node_self()]));
    for (int i = 0; i < node_count(); i++) {
        if (i == node_self() || json_len(shares[i]) == 0)
            continue;
        j->left++;
        node_call(node_name(i), CALL_MS, joined, j, "part", "what", json_string(m->type), "wanted",
                  shares[i], NULL);
    }
    if (j->left == 0)
        join_reply(j);
}

static void on_start(void)
{
    char number[64];

    snprintf(number, sizeof(number), "%s-%llx", node_id(), (unsigned long long)node_random());
    own_number = json_keep(json_string(number));
    if (mode != FORGETS)
        disk_open(replay);
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("send", on_send);
    node_on("poll", on_many);
    node_on("commit_offsets", on_many);
    node_on("list_committed_offsets", on_many);
    node_on("append", on_append);
    node_on("part", on_part);
    return node_run();
}

#include "map.h"

#include "commit.h"
#include "reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_BYTES = 64 << 10 }; /* in one reply, and one pair beyond it */

static const struct map *served;
static bool is_damaged;

void map_serve(const struct map *map, bool damaged)
{
    served = map;
    is_damaged = damaged;
}

bool map_refuses(const struct message *m)
{
    if (is_damaged)
        reply_failed(m, -EBADMSG);
    return is_damaged;
}

static bool take_text(const struct json *v, struct slice *ret_text)
{
    if (json_text_of(v) == NULL)
        return false;
    *ret_text = (struct slice){v->string, v->len};
    return true;
}

/* Whether the map can take all of it. */
static int admit(struct slice payload)
{
    int status = 0;
    struct op op;

    while (served->admit != NULL && status == 0 && op_next(&payload, &op))
        status = served->admit(&op);
    return status;
}

static void change(const struct message *m, struct bytes *payload, bool is_valid)
{
    struct slice ops = {payload->data, payload->len};
    int status = is_valid ? admit(ops) : 0;

    if (!is_valid || status == -EINVAL)
        node_error(m, NODE_MALFORMED, "a key or a value is no string, or too long");
    else if (status < 0)
        reply_failed(m, status);
    else
        commit(m, ops);
    free(payload->data);
}

static bool add_op(struct bytes *payload, bool is_delete, const struct json *key,
                   const struct json *value)
{
    struct op op = {.is_delete = is_delete, .value = {"", 0}};

    if (!take_text(key, &op.key) || (!is_delete && !take_text(value, &op.value)))
        return false;
    op_add(payload, &op);
    return true;
}

static void on_write(const struct message *m)
{
    struct bytes payload = {0};

    if (!map_refuses(m))
        change(m, &payload,
               add_op(&payload, false, json_get(m->body, "key"), json_get(m->body, "value")));
}

static void on_delete(const struct message *m)
{
    struct bytes payload = {0};

    if (!map_refuses(m))
        change(m, &payload, add_op(&payload, true, json_get(m->body, "key"), NULL));
}

static void on_write_batch(const struct message *m)
{
    const struct json *ops = json_get(m->body, "ops");
    struct bytes payload = {0};
    bool is_valid = true;

    if (map_refuses(m))
        return;
    for (size_t i = 0; i < json_len(ops) && is_valid; i++) {
        const struct json *op = json_at(ops, i);
        const char *kind = json_text_of(json_at(op, 0));

        is_valid = kind != NULL &&
                   add_op(&payload, strcmp(kind, "del") == 0, json_at(op, 1), json_at(op, 2));
    }
    change(m, &payload, is_valid);
}

static void on_read(const struct message *m)
{
    struct bytes value = {0};
    struct slice key;
    int status;

    if (map_refuses(m))
        return;
    if (!take_text(json_get(m->body, "key"), &key)) {
        node_error(m, NODE_MALFORMED, "key must be a string");
        return;
    }
    status = served->get(m, key, &value);
    if (status < 0 && status != -ENOENT)
        reply_failed(m, status);
    else if (status < 0)
        node_error(m, NODE_NO_KEY, "no such key");
    else if (status == 0)
        reply_ok(m, "value", reply_text((struct slice){value.data, value.len}));
    free(value.data);
}

struct page {
    struct json *pairs;
    int64_t limit;
    size_t bytes;
    bool more;
};

static bool page_add(void *owner, struct slice key, struct slice value)
{
    struct page *p = owner;
    struct json *pair;

    if (p->limit == 0 || p->bytes > SCAN_BYTES) {
        p->more = true;
        return false;
    }
    pair = json_array();
    json_push(pair, reply_text(key));
    json_push(pair, reply_text(value));
    json_push(p->pairs, pair);
    p->limit--;
    p->bytes += key.len + value.len;
    return true;
}

static void on_scan(const struct message *m)
{
    struct page p = {.pairs = json_array(), .limit = json_int_of(json_get(m->body, "limit"), 100)};
    struct slice from = {"", 0}, to = {NULL, 0};
    int status;

    if (map_refuses(m))
        return;
    take_text(json_get(m->body, "from"), &from);
    take_text(json_get(m->body, "to"), &to);
    status = served->scan(m, from, to, page_add, &p);
    if (status < 0)
        reply_failed(m, status);
    else if (status == 0)
        node_reply(m, "scan_ok", "pairs", p.pairs, "more", json_bool(p.more), NULL);
}

void map_routes(const struct map *map)
{
    engine_on("write", map->engine, on_write);
    engine_on("delete", map->engine, on_delete);
    engine_on("write_batch", map->engine, on_write_batch);
    engine_on("read", map->engine, on_read);
    engine_on("scan", map->engine, on_scan);
}

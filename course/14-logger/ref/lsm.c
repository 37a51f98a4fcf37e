/* lsm.c - the log-structured merge tree as a service. (O'Neil et al., The Log-Structured
 * Merge-Tree, 1996.)
 *
 * Every change is a new entry with the lsn of its record; a delete is an entry, too. So nothing
 * that was written is ever changed, and what a key is worth is what its newest entry says. */
#include "commit.h"
#include "engine.h"
#include "log.h"
#include "ops.h"
#include "reply.h"
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SCAN_BYTES = 64 << 10 }; /* in one reply, and one pair beyond it */

static enum node_code apply(uint64_t lsn, struct slice payload)
{
    struct op op;

    while (op_next(&payload, &op))
        tree_put(&(struct entry){
            .key = op.key, .value = op.value, .seq = lsn, .is_delete = op.is_delete});
    return NODE_OK;
}

static enum node_code apply_new(uint64_t lsn, struct slice payload)
{
    enum node_code code = apply(lsn, payload);

    tree_flush_if_full(); /* not at replay, which is reading the log */
    return code;
}

static bool replay(void *owner, const struct record *r)
{
    (void)owner;
    apply(r->lsn, r->data);
    return true;
}

static bool is_damaged;

static void lsm_open(void)
{
    uint64_t flushed;

    is_damaged = tree_open(&flushed) < 0;
    engine_open_log();
    if (is_damaged || log_first() > flushed + 1 || log_read(flushed + 1, replay, NULL) < 0)
        is_damaged = true;
    commit_open(apply_new);
}

/* Requests */

static bool is_refused(const struct message *m)
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

static void change(const struct message *m, struct bytes *payload, bool is_valid)
{
    if (is_valid)
        commit(m, (struct slice){payload->data, payload->len});
    else
        node_error(m, NODE_MALFORMED, "a key or a value is no string");
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

    if (!is_refused(m))
        change(m, &payload,
               add_op(&payload, false, json_get(m->body, "key"), json_get(m->body, "value")));
}

static void on_delete(const struct message *m)
{
    struct bytes payload = {0};

    if (!is_refused(m))
        change(m, &payload, add_op(&payload, true, json_get(m->body, "key"), NULL));
}

static void on_write_batch(const struct message *m)
{
    const struct json *ops = json_get(m->body, "ops");
    struct bytes payload = {0};
    bool is_valid = true;

    if (is_refused(m))
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

    if (is_refused(m))
        return;
    if (!take_text(json_get(m->body, "key"), &key)) {
        node_error(m, NODE_MALFORMED, "key must be a string");
        return;
    }
    status = tree_get(key, &value);
    if (status < 0 && status != -ENOENT)
        reply_failed(m, status);
    else if (status < 0)
        node_error(m, NODE_NO_KEY, "no such key");
    else
        reply_ok(m, "value", reply_text((struct slice){value.data, value.len}));
    free(value.data);
}

struct page {
    struct json *pairs;
    int64_t limit;
    size_t bytes;
    bool more;
};

static bool page_add(void *owner, const struct entry *e)
{
    struct page *p = owner;
    struct json *pair;

    if (p->limit == 0 || p->bytes > SCAN_BYTES) {
        p->more = true;
        return false;
    }
    pair = json_array();
    json_push(pair, reply_text(e->key));
    json_push(pair, reply_text(e->value));
    json_push(p->pairs, pair);
    p->limit--;
    p->bytes += e->key.len + e->value.len;
    return true;
}

static void on_scan(const struct message *m)
{
    struct page p = {.pairs = json_array(), .limit = json_int_of(json_get(m->body, "limit"), 100)};
    struct slice from = {"", 0}, to = {NULL, 0};
    int status;

    if (is_refused(m))
        return;
    take_text(json_get(m->body, "from"), &from);
    take_text(json_get(m->body, "to"), &to);
    status = tree_scan(from, to, page_add, &p);
    if (status < 0)
        reply_failed(m, status);
    else
        node_reply(m, "scan_ok", "pairs", p.pairs, "more", json_bool(p.more), NULL);
}

static void on_flush(const struct message *m)
{
    int status;

    if (is_refused(m))
        return;
    status = tree_flush();
    if (status < 0)
        reply_failed(m, status);
    else
        reply_ok(m, NULL, NULL);
}

static void lsm_routes(void)
{
    engine_on("write", &engine_lsm, on_write);
    engine_on("delete", &engine_lsm, on_delete);
    engine_on("write_batch", &engine_lsm, on_write_batch);
    engine_on("read", &engine_lsm, on_read);
    engine_on("scan", &engine_lsm, on_scan);
    engine_on("flush", &engine_lsm, on_flush);
}

const struct engine engine_lsm = {.name = "lsm", .open = lsm_open, .routes = lsm_routes};

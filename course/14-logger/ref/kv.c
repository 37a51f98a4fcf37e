/* kv.c - a map in memory, whose changes are in the log and whose past is in a snapshot.
 *
 * A restart loads the snapshot and replays the log behind it with the function that carries out new
 * changes. Compaction: begin a new segment, freeze the map, write the snapshot, forget the segments
 * that it covers. */
#include "commit.h"
#include "config.h"
#include "engine.h"
#include "log.h"
#include "ops.h"
#include "reply.h"
#include "skiplist.h"
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>

static struct skiplist *map;
static uint64_t applied_lsn, snapshot_bytes;
static bool is_damaged, is_compacting;
static struct message **waiting; /* for the end of the compaction */
static size_t waiting_count;

static const struct entry *lookup(struct slice key)
{
    const struct skipnode *n = skiplist_seek(map, key, 0);
    const struct entry *e = n == NULL ? NULL : skiplist_entry(n);

    return e != NULL && slice_compare(e->key, key) == 0 ? e : NULL;
}

static void compacted(int status, uint64_t lsn, uint64_t bytes)
{
    if (status == 0) {
        snapshot_bytes = bytes;
        status = log_forget(lsn + 1);
    }
    is_compacting = false;
    for (size_t i = 0; i < waiting_count; i++) {
        if (status < 0)
            reply_failed(waiting[i], status);
        else
            reply_ok(waiting[i], "bytes", json_int((int64_t)(snapshot_bytes + log_kept_bytes())));
        node_free(waiting[i]);
    }
    waiting_count = 0;
}

static void compact(void)
{
    int status;

    if (is_compacting)
        return;
    is_compacting = true;
    status = log_roll();
    if (status < 0)
        compacted(status, 0, 0);
    else
        snapshot_begin(map, applied_lsn, compacted);
}

static enum node_code apply(uint64_t lsn, struct slice payload)
{
    enum node_code code = NODE_OK;
    struct op op;

    while (op_next(&payload, &op)) {
        struct entry e = {.key = op.key, .value = op.value};

        if (!op.is_delete)
            skiplist_put(map, &e);
        else if (!skiplist_remove(map, &e))
            code = NODE_NO_KEY;
    }
    applied_lsn = lsn;
    return code;
}

static enum node_code apply_new(uint64_t lsn, struct slice payload)
{
    enum node_code code = apply(lsn, payload);

    if (log_kept_bytes() > (uint64_t)config_int("compact_bytes", 4 << 20))
        compact();
    return code;
}

static bool replay(void *owner, const struct record *r)
{
    (void)owner;
    apply(r->lsn, r->data);
    return true;
}

static void kv_open(void)
{
    uint64_t covered;

    map = skiplist_new();
    is_damaged = snapshot_load(map, &covered) < 0;
    applied_lsn = covered;
    engine_open_log(covered + 1);
    if (log_first() > covered + 1 || log_read(covered + 1, replay, NULL) < 0)
        is_damaged = true;
    commit_open(apply_new);
}

/* Requests */

static bool field(const struct message *m, const char *name, struct slice *ret_text)
{
    struct json *v = json_get(m->body, name);

    if (json_text_of(v) == NULL) {
        node_error(m, NODE_MALFORMED, name);
        return false;
    }
    *ret_text = (struct slice){v->string, v->len};
    return true;
}

static bool is_refused(const struct message *m)
{
    if (is_damaged)
        reply_failed(m, -EBADMSG);
    return is_damaged;
}

static void change(const struct message *m, const struct op *op)
{
    struct bytes payload = {0};

    op_add(&payload, op);
    commit(m, (struct slice){payload.data, payload.len});
    free(payload.data);
}

static void on_write(const struct message *m)
{
    struct op op = {0};

    if (!is_refused(m) && field(m, "key", &op.key) && field(m, "value", &op.value))
        change(m, &op);
}

static void on_delete(const struct message *m)
{
    struct op op = {.is_delete = true, .value = {"", 0}};

    if (!is_refused(m) && field(m, "key", &op.key))
        change(m, &op);
}

static void on_read(const struct message *m)
{
    const struct entry *e;
    struct slice key;

    if (is_refused(m) || !field(m, "key", &key))
        return;
    e = lookup(key);
    if (e == NULL)
        node_error(m, NODE_NO_KEY, "no such key");
    else
        reply_ok(m, "value", reply_text(e->value));
}

static void on_compact(const struct message *m)
{
    if (is_refused(m))
        return;
    waiting = must_alloc(waiting, (waiting_count + 1) * sizeof(struct message *));
    waiting[waiting_count++] = node_keep(m);
    compact();
}

static void kv_routes(void)
{
    engine_on("write", &engine_kv, on_write);
    engine_on("delete", &engine_kv, on_delete);
    engine_on("read", &engine_kv, on_read);
    engine_on("compact", &engine_kv, on_compact);
}

const struct engine engine_kv = {.name = "kv", .open = kv_open, .routes = kv_routes};

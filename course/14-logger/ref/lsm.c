/* lsm.c - the log-structured merge tree as a service. (O'Neil et al., The Log-Structured
 * Merge-Tree, 1996.)
 *
 * Every change is a new entry with the lsn of its record; a delete is an entry, too. So nothing
 * that was written is ever changed, and what a key is worth is what its newest entry says. */
#include "commit.h"
#include "compact.h"
#include "config.h"
#include "engine.h"
#include "log.h"
#include "map.h"
#include "moment.h"
#include "ops.h"
#include "reply.h"
#include "tree.h"

#include <errno.h>
#include <stdlib.h>

enum { MERGE_MS = 1, MERGE_AGAIN_MS = 100 }; /* between two merges; after one that failed */

static bool is_merge_set;
static struct message *waiting; /* a compact that is answered when nothing is due */

/* Merging goes on by and by, one step at a time, so that requests get in between. */
static void merge_set(int ms);

static void merge_some(void *owner)
{
    int status = compact_is_due() ? compact_step() : 0;

    (void)owner;
    is_merge_set = false;
    if (waiting != NULL && (status < 0 || !compact_is_due())) {
        if (status < 0)
            reply_failed(waiting, status);
        else
            reply_ok(waiting, NULL, NULL);
        node_free(waiting);
        waiting = NULL;
    }
    merge_set(status < 0 ? MERGE_AGAIN_MS : MERGE_MS);
}

static void merge_set(int ms)
{
    if (is_merge_set || (!compact_is_due() && waiting == NULL))
        return;
    node_after(ms, merge_some, NULL);
    is_merge_set = true;
}

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
    merge_set(MERGE_MS);
    return code;
}

static bool replay(void *owner, const struct record *r)
{
    (void)owner;
    apply(r->lsn, r->data);
    return true;
}

/* Requests */

/* The moment that m asks for; false: there is none of that name, and this has been said. */
static bool moment_of(const struct message *m, uint64_t *ret_seq)
{
    const struct json *name = json_get(m->body, "snap");

    *ret_seq = UINT64_MAX;
    if (name == NULL || moment_find(json_int_of(name, 0), ret_seq))
        return true;
    node_error(m, NODE_PRECONDITION, "no such snapshot");
    return false;
}

static int get(const struct message *m, struct slice key, struct bytes *ret_value)
{
    uint64_t seq;

    return moment_of(m, &seq) ? tree_get(key, seq, ret_value) : 1;
}

static int scan(const struct message *m, struct slice from, struct slice to, map_fn fn, void *owner)
{
    uint64_t seq;

    return moment_of(m, &seq) ? tree_scan(from, to, seq, fn, owner) : 1;
}

static const struct map map = {.engine = &engine_lsm, .get = get, .scan = scan};

static void answer(const struct message *m, int status)
{
    if (status < 0)
        reply_failed(m, status);
    else
        reply_ok(m, NULL, NULL);
}

static void on_flush(const struct message *m)
{
    if (map_refuses(m))
        return;
    answer(m, tree_flush());
    merge_set(MERGE_MS);
}

static void on_snapshot_open(const struct message *m)
{
    if (!map_refuses(m))
        reply_ok(m, "snap", json_int(tree_moment()));
}

static void on_snapshot_close(const struct message *m)
{
    if (moment_close(json_int_of(json_get(m->body, "snap"), 0)))
        reply_ok(m, NULL, NULL);
    else
        node_error(m, NODE_PRECONDITION, "no such snapshot");
}

static void on_compact(const struct message *m)
{
    const struct json *level = json_get(m->body, "level"), *full = json_get(m->body, "full");
    int status;

    if (map_refuses(m))
        return;
    if (level != NULL) {
        answer(m, compact_level((uint32_t)json_int_of(level, 0)));
    } else if (full != NULL && full->type == JSON_BOOL && full->boolean) {
        status = tree_flush();
        answer(m, status < 0 ? status : compact_all());
    } else if (waiting != NULL) {
        node_error(m, NODE_UNAVAILABLE, "another one waits already");
    } else {
        waiting = node_keep(m);
        merge_set(MERGE_MS);
    }
}

static void on_tune(const struct message *m)
{
    if (map_refuses(m))
        return;
    answer(m, config_change(m->body));
    merge_set(MERGE_MS);
}

static void lsm_open(void)
{
    uint64_t flushed = 0;
    bool is_damaged = tree_open(&flushed) < 0;

    engine_open_log(flushed + 1);
    if (is_damaged || log_first() > flushed + 1 || log_read(flushed + 1, replay, NULL) < 0)
        is_damaged = true;
    map_serve(&map, is_damaged);
    commit_open(apply_new);
    if (!is_damaged)
        merge_set(MERGE_MS);
}

static void lsm_routes(void)
{
    map_routes(&map);
    engine_on("flush", &engine_lsm, on_flush);
    engine_on("snapshot_open", &engine_lsm, on_snapshot_open);
    engine_on("snapshot_close", &engine_lsm, on_snapshot_close);
    engine_on("compact", &engine_lsm, on_compact);
    engine_on("tune", &engine_lsm, on_tune);
}

const struct engine engine_lsm = {.name = "lsm", .open = lsm_open, .routes = lsm_routes};

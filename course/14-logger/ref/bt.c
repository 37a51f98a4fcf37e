/* bt.c - the B-tree as a service.
 *
 * A change goes to the log, then into pages in memory; pages go to the disk at checkpoints. What is
 * in the log behind the last checkpoint is carried out again at the next start, by the function
 * that did it the first time. */
#include "btree.h"
#include "bulk.h"
#include "commit.h"
#include "config.h"
#include "engine.h"
#include "log.h"
#include "map.h"
#include "reply.h"

#include <errno.h>

static struct bulk *loading;
static bool is_lost; /* a change could not be carried out: memory is not what the log says */

static enum node_code apply(uint64_t lsn, struct slice payload)
{
    enum node_code code = NODE_OK;
    struct op op;

    while (op_next(&payload, &op)) {
        int status = op.is_delete ? btree_delete(op.key) : btree_put(op.key, op.value);

        if (status == -ENOENT)
            code = NODE_NO_KEY;
        else if (status < 0)
            is_lost = true;
    }
    pager_head()->lsn = lsn;
    return code;
}

static enum node_code apply_new(uint64_t lsn, struct slice payload)
{
    size_t ops = 0;
    struct slice rest = payload;
    enum node_code code = apply(lsn, payload);
    struct op op;

    while (op_next(&rest, &op))
        ops++;
    if (log_kept_bytes() > (uint64_t)config_int("checkpoint_bytes", 1 << 20))
        pager_checkpoint();
    return ops > 1 ? NODE_OK : code; /* in a batch, a delete of nothing is fine */
}

static bool replay(void *owner, const struct record *r)
{
    (void)owner;
    apply(r->lsn, r->data);
    return !is_lost;
}

/* Requests */

static int admit(const struct op *op)
{
    if (op->key.len > BTREE_KEY_MAX || page_cell_bytes(op->key, op->value) > PAGE_CELL_MAX)
        return -EINVAL;
    if (is_lost)
        return -EBADMSG;
    return btree_check(op->key);
}

static int get(const struct message *m, struct slice key, struct bytes *ret_value)
{
    (void)m;
    return is_lost ? -EBADMSG : btree_get(key, ret_value);
}

static int scan(const struct message *m, struct slice from, struct slice to, map_fn fn, void *owner)
{
    (void)m;
    return is_lost ? -EBADMSG : btree_scan(from, to, fn, owner);
}

static const struct map map = {.engine = &engine_btree, .admit = admit, .get = get, .scan = scan};

static void answer(const struct message *m, int status)
{
    if (status == -EINVAL)
        node_error(m, NODE_MALFORMED, "pairs must be short enough and in rising order");
    else if (status < 0)
        reply_failed(m, status);
    else
        reply_ok(m, NULL, NULL);
}

static bool take_nothing(void *owner, struct slice key, struct slice value)
{
    (void)key;
    (void)value;
    *(bool *)owner = true;
    return false;
}

static int load_pairs(const struct json *pairs)
{
    int status = 0;

    for (size_t i = 0; i < json_len(pairs) && status == 0; i++) {
        const struct json *k = json_at(json_at(pairs, i), 0), *v = json_at(json_at(pairs, i), 1);
        struct slice key, value;

        if (json_text_of(k) == NULL || json_text_of(v) == NULL)
            return -EINVAL;
        key = (struct slice){k->string, k->len};
        value = (struct slice){v->string, v->len};
        if (key.len > BTREE_KEY_MAX || page_cell_bytes(key, value) > PAGE_CELL_MAX)
            return -EINVAL;
        status = bulk_add(loading, key, value);
    }
    return status;
}

static void on_load(const struct message *m)
{
    struct slice all = {"", 0}, open_end = {NULL, 0};
    bool has_any = false;
    int status = 0;

    if (map_refuses(m))
        return;
    if (loading == NULL && btree_scan(all, open_end, take_nothing, &has_any) == 0 && has_any) {
        node_error(m, NODE_PRECONDITION, "there are pairs already");
        return;
    }
    if (loading == NULL)
        loading = bulk_begin(&status);
    if (status == 0)
        status = load_pairs(json_get(m->body, "pairs"));
    if (status < 0) {
        bulk_abort(loading);
        loading = NULL;
    }
    answer(m, status);
}

static void on_load_end(const struct message *m)
{
    struct bulk *b = loading;

    loading = NULL;
    if (b == NULL)
        node_error(m, NODE_PRECONDITION, "nothing is being loaded");
    else
        answer(m, bulk_finish(b, pager_head()->lsn));
}

struct copy {
    struct bulk *bulk;
    int status;
};

static bool copy_pair(void *owner, struct slice key, struct slice value)
{
    struct copy *c = owner;

    c->status = bulk_add(c->bulk, key, value);
    return c->status == 0;
}

static void on_vacuum(const struct message *m)
{
    struct slice all = {"", 0}, open_end = {NULL, 0};
    struct copy c = {0};
    int status;

    if (map_refuses(m))
        return;
    status = is_lost ? -EBADMSG : pager_checkpoint();
    if (status == 0)
        c.bulk = bulk_begin(&status);
    if (status == 0)
        status = btree_scan(all, open_end, copy_pair, &c);
    if (status == 0)
        status = c.status;
    if (status == 0)
        status = bulk_finish(c.bulk, pager_head()->lsn);
    else
        bulk_abort(c.bulk);
    answer(m, status);
}

static void bt_open(void)
{
    bool is_damaged = pager_open() < 0;

    engine_open_log(is_damaged ? 1 : pager_head()->lsn + 1);
    pager_keep_log(true);
    if (!is_damaged && (log_first() > pager_head()->lsn + 1 ||
                        log_read(pager_head()->lsn + 1, replay, NULL) < 0 || is_lost))
        is_damaged = true;
    pager_keep_log(false);
    map_serve(&map, is_damaged);
    commit_open(apply_new);
}

static void bt_routes(void)
{
    map_routes(&map);
    engine_on("load", &engine_btree, on_load);
    engine_on("load_end", &engine_btree, on_load_end);
    engine_on("vacuum", &engine_btree, on_vacuum);
}

const struct engine engine_btree = {.name = "btree", .open = bt_open, .routes = bt_routes};

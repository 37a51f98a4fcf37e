/* tree.c - one memtable, and the tables that earlier ones became.
 *
 * Every table is older than memory, and they are searched from new to old, so the first one that
 * knows a key is right. Order of a flush: the table, synced; its name; the manifest; only then may
 * the log go. */
#include "tree.h"

#include "compact.h"
#include "config.h"
#include "levels.h"
#include "log.h"
#include "merge.h"
#include "moment.h"
#include "node.h"

#include <errno.h>
#include <stdlib.h>

static struct skiplist *memory;
static uint64_t last_seq, flushed_seq;

int tree_open(uint64_t *ret_lsn)
{
    int status = levels_open(&flushed_seq);

    memory = skiplist_new();
    last_seq = *ret_lsn = flushed_seq;
    return status;
}

void tree_put(const struct entry *e)
{
    skiplist_put(memory, e);
    last_seq = e->seq;
}

int64_t tree_moment(void)
{
    return moment_open(last_seq);
}

/* Flush */

struct flush {
    const struct skipnode *next;
    struct keeper keeper;
};

static const struct entry *flush_next(void *owner)
{
    struct flush *f = owner;

    while (f->next != NULL) {
        const struct entry *e = skiplist_entry(f->next);

        f->next = skiplist_next(f->next);
        if (keeper_keeps(&f->keeper, e, false))
            return e;
    }
    return NULL;
}

int tree_flush(void)
{
    struct flush f = {.next = skiplist_seek(memory, (struct slice){"", 0}, UINT64_MAX)};
    struct live made = {.run = levels_new_run()};
    uint64_t number = levels_new_number();
    int status;

    if (f.next == NULL)
        return 0;
    status = table_write(number, (uint32_t)config_int("bloom_bits", 10), flush_next, &f);
    keeper_release(&f.keeper);
    if (status < 0)
        return status;
    made.table = table_open(number);
    status = levels_apply(
        &(struct levels_change){.comes = &made, .come_count = 1, .flushed_lsn = last_seq});
    if (status < 0) {
        table_close(made.table);
        return status;
    }
    flushed_seq = last_seq;
    skiplist_free(memory);
    memory = skiplist_new();
    status = log_roll();
    return status < 0 ? status : log_forget(flushed_seq + 1);
}

/* Merging by the way keeps up with most; a storm of writes has to wait for it. */
static void catch_up(void)
{
    size_t bound = 2 * (size_t)config_int("level0_tables", 0);

    while (bound > 0 && levels_runs(0) >= bound && compact_is_due()) {
        if (compact_step() < 0)
            return;
    }
}

void tree_flush_if_full(void)
{
    if (skiplist_bytes(memory) < (uint64_t)config_int("memtable_bytes", 1 << 30))
        return;
    catch_up();
    if (tree_flush() < 0)
        node_log("flush failed; it will be tried again");
}

/* Read */

static int found(const struct entry *e, struct bytes *ret_value)
{
    if (e->is_delete)
        return -ENOENT; /* and nobody asks further down */
    bytes_add(ret_value, e->value.data, e->value.len);
    return 0;
}

static bool may_hold(const struct table *t, struct slice key)
{
    return slice_compare(table_first(t), key) <= 0 && slice_compare(key, table_last(t)) <= 0;
}

/* The table of a run that may know key; a damaged one only if no other can. */
static struct table *run_table(size_t first, struct slice key)
{
    struct table *damaged = NULL;

    for (size_t i = first; i < levels_run_end(first); i++) {
        struct table *t = levels_at(i)->table;

        if (table_is_damaged(t))
            damaged = t;
        else if (may_hold(t, key))
            return t;
    }
    return damaged;
}

int tree_get(struct slice key, uint64_t seq, struct bytes *ret_value)
{
    const struct skipnode *n = skiplist_seek(memory, key, seq);
    struct bytes block = {0};
    int status = -ENOENT;
    struct entry e;

    if (n != NULL && slice_compare(skiplist_entry(n)->key, key) == 0)
        return found(skiplist_entry(n), ret_value);
    for (size_t i = 0; i < levels_count() && status == -ENOENT; i = levels_run_end(i)) {
        struct table *t = run_table(i, key);

        status = t == NULL ? -ENOENT : table_get(t, key, seq, &block, &e);
        if (status == 0) {
            status = found(&e, ret_value);
            break;
        }
    }
    free(block.data);
    return status;
}

int tree_scan(struct slice from, struct slice to, uint64_t seq, tree_fn fn, void *owner)
{
    struct bytes last = {0};
    struct merge m = {0};
    const struct entry *e;
    bool has_last = false;

    merge_add_memory(&m, memory, from);
    merge_add_levels(&m, from);
    while ((e = merge_next(&m)) != NULL) {
        if (to.data != NULL && slice_compare(e->key, to) >= 0)
            break;
        if (e->seq > seq)
            continue; /* not yet written at that moment */
        if (has_last && slice_compare((struct slice){last.data, last.len}, e->key) == 0)
            continue;
        if (!e->is_delete && !fn(owner, e->key, e->value))
            break;
        last.len = 0;
        bytes_add(&last, e->key.data, e->key.len);
        has_last = true;
    }
    merge_end(&m);
    free(last.data);
    return m.status;
}

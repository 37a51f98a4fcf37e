/* tree.c - one memtable and the tables that earlier ones became.
 *
 * Every table is older than memory and younger than the tables before it in the list, so the first
 * one that knows a key, from the newest on, is right. The list is the manifest's. Order of a flush:
 * the table, synced; its name; the manifest; only then may the log go. A crash in between leaves a
 * table that nobody names; the next start removes it. */
#include "tree.h"

#include "config.h"
#include "file.h"
#include "log.h"
#include "manifest.h"
#include "node.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct skiplist *memory;
static uint64_t last_seq;
static struct manifest live;
static struct table **tables; /* as live.numbers */

/* Open */

static void remove_stray(void *owner, const char *name)
{
    unsigned long long number;
    char suffix[8] = "";

    (void)owner;
    if (sscanf(name, "%20llu.%7s", &number, suffix) != 2 || strcmp(suffix, "sst") != 0)
        return;
    for (size_t i = 0; i < live.count; i++) {
        if (live.numbers[i] == number)
            return;
    }
    folder_remove(name);
}

int tree_open(uint64_t *ret_lsn)
{
    int status = manifest_load(&live);

    memory = skiplist_new();
    if (status < 0)
        return status;
    folder_list(remove_stray, NULL);
    tables = must_alloc(NULL, live.count * sizeof(struct table *));
    for (size_t i = 0; i < live.count; i++)
        tables[i] = table_open(live.numbers[i]);
    last_seq = *ret_lsn = live.flushed_lsn;
    return 0;
}

/* Change */

void tree_put(const struct entry *e)
{
    skiplist_put(memory, e);
    last_seq = e->seq;
}

struct flush {
    const struct skipnode *next;
    const struct entry *last;
};

/* Of each key the newest entry only: the others have nobody left to ask for them. */
static const struct entry *flush_next(void *owner)
{
    struct flush *f = owner;

    while (f->next != NULL) {
        const struct entry *e = skiplist_entry(f->next);

        f->next = skiplist_next(f->next);
        if (f->last == NULL || slice_compare(f->last->key, e->key) != 0)
            return f->last = e;
    }
    return NULL;
}

/* The manifest with one more table, stored. */
static int manifest_extend(uint64_t number)
{
    struct manifest next = {.flushed_lsn = last_seq, .next_number = number + 1};
    int status;

    next.count = live.count + 1;
    next.numbers = must_alloc(NULL, next.count * sizeof(*next.numbers));
    if (live.count > 0)
        memcpy(next.numbers, live.numbers, live.count * sizeof(*next.numbers));
    next.numbers[live.count] = number;
    status = manifest_store(&next);
    if (status < 0) {
        free(next.numbers);
        return status;
    }
    free(live.numbers);
    live = next;
    return 0;
}

int tree_flush(void)
{
    struct flush f = {.next = skiplist_seek(memory, (struct slice){"", 0}, UINT64_MAX)};
    uint64_t number = live.next_number;
    int status;

    if (f.next == NULL)
        return 0;
    status = table_write(number, (uint32_t)config_int("bloom_bits", 10), flush_next, &f);
    if (status == 0)
        status = manifest_extend(number);
    if (status < 0)
        return status;
    tables = must_alloc(tables, live.count * sizeof(struct table *));
    tables[live.count - 1] = table_open(number);
    skiplist_free(memory);
    memory = skiplist_new();
    status = log_roll();
    return status < 0 ? status : log_forget(live.flushed_lsn + 1);
}

void tree_flush_if_full(void)
{
    if (skiplist_bytes(memory) >= (uint64_t)config_int("memtable_bytes", 1 << 30) &&
        tree_flush() < 0)
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

int tree_get(struct slice key, struct bytes *ret_value)
{
    const struct skipnode *n = skiplist_seek(memory, key, UINT64_MAX);
    struct bytes block = {0};
    int status = -ENOENT;
    struct entry e;

    if (n != NULL && slice_compare(skiplist_entry(n)->key, key) == 0)
        return found(skiplist_entry(n), ret_value);
    for (size_t i = live.count; i > 0 && status == -ENOENT; i--) {
        status = table_get(tables[i - 1], key, UINT64_MAX, &block, &e);
        if (status == 0) {
            status = found(&e, ret_value);
            break;
        }
    }
    free(block.data);
    return status;
}

/* Scan: all tables and the memory side by side; the smallest entry comes next. */

struct merge {
    const struct skipnode *memory;
    struct table_walk *walks;
    size_t count;
};

static void merge_begin(struct merge *m, struct slice from)
{
    m->memory = skiplist_seek(memory, from, UINT64_MAX);
    m->count = live.count;
    m->walks = must_alloc(NULL, m->count * sizeof(*m->walks));
    for (size_t i = 0; i < m->count; i++)
        table_walk_begin(&m->walks[i], tables[i], from);
}

static void merge_end(struct merge *m)
{
    for (size_t i = 0; i < m->count; i++)
        table_walk_end(&m->walks[i]);
    free(m->walks);
}

static int merge_status(const struct merge *m)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->walks[i].status < 0)
            return m->walks[i].status;
    }
    return 0;
}

/* The smallest entry, or NULL; *ret_walk is where it comes from, NULL: from memory. */
static const struct entry *merge_first(const struct merge *m, struct table_walk **ret_walk)
{
    const struct entry *least = m->memory == NULL ? NULL : skiplist_entry(m->memory);

    *ret_walk = NULL;
    for (size_t i = 0; i < m->count; i++) {
        const struct entry *e = m->walks[i].now;

        if (e != NULL && (least == NULL || entry_compare(e, least) < 0)) {
            least = e;
            *ret_walk = &m->walks[i];
        }
    }
    return least;
}

int tree_scan(struct slice from, struct slice to, tree_fn fn, void *owner)
{
    struct bytes last = {0};
    const struct entry *e;
    bool has_last = false;
    struct table_walk *walk;
    struct merge m;
    int status;

    merge_begin(&m, from);
    while ((status = merge_status(&m)) == 0 && (e = merge_first(&m, &walk)) != NULL) {
        bool is_new = !has_last || slice_compare((struct slice){last.data, last.len}, e->key) != 0;

        if (to.data != NULL && slice_compare(e->key, to) >= 0)
            break;
        if (is_new && !e->is_delete && !fn(owner, e))
            break;
        last.len = 0;
        bytes_add(&last, e->key.data, e->key.len);
        has_last = true;
        if (walk == NULL)
            m.memory = skiplist_next(m.memory);
        else
            table_walk_next(walk);
    }
    merge_end(&m);
    free(last.data);
    return status;
}

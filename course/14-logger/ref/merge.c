/* merge.c - the smallest of the heads comes next. There are a dozen sources, so looking at all of
 * them is as quick as a heap would be. */
#include "merge.h"

#include <stdlib.h>

struct run_walk {
    const struct live *tables;
    size_t count, next; /* tables not yet begun */
    struct table_walk walk;
};

static void run_begin_table(struct run_walk *r, struct slice from)
{
    table_walk_begin(&r->walk, r->tables[r->next++].table, from);
}

static void run_settle(struct run_walk *r)
{
    while (r->walk.now == NULL && r->walk.status == 0 && r->next < r->count) {
        table_walk_end(&r->walk);
        run_begin_table(r, (struct slice){"", 0});
    }
}

void merge_add_memory(struct merge *m, const struct skiplist *memory, struct slice from)
{
    m->memory = skiplist_seek(memory, from, UINT64_MAX);
}

void merge_add_run(struct merge *m, const struct live *tables, size_t count, struct slice from)
{
    size_t first = 0;
    struct run_walk *r;

    while (first < count && !table_is_damaged(tables[first].table) &&
           slice_compare(table_last(tables[first].table), from) < 0)
        first++;
    if (first == count)
        return;
    r = must_alloc(NULL, sizeof(*r));
    *r = (struct run_walk){.tables = tables, .count = count, .next = first};
    run_begin_table(r, from);
    run_settle(r);
    m->walks = must_alloc(m->walks, (m->count + 1) * sizeof(struct run_walk *));
    m->walks[m->count++] = r;
}

void merge_add_levels(struct merge *m, struct slice from)
{
    for (size_t i = 0; i < levels_count(); i = levels_run_end(i))
        merge_add_run(m, levels_at(i), levels_run_end(i) - i, from);
}

static void step(struct merge *m)
{
    if (!m->has_taken)
        return;
    if (m->taken == NULL) {
        m->memory = skiplist_next(m->memory);
    } else {
        table_walk_next(&m->taken->walk);
        run_settle(m->taken);
    }
}

const struct entry *merge_next(struct merge *m)
{
    const struct entry *least;

    step(m);
    least = m->memory == NULL ? NULL : skiplist_entry(m->memory);
    m->taken = NULL;
    for (size_t i = 0; i < m->count && m->status == 0; i++) {
        const struct entry *e = m->walks[i]->walk.now;

        m->status = m->walks[i]->walk.status;
        if (e != NULL && (least == NULL || entry_compare(e, least) < 0)) {
            least = e;
            m->taken = m->walks[i];
        }
    }
    m->has_taken = least != NULL;
    return m->status == 0 ? least : NULL;
}

void merge_end(struct merge *m)
{
    for (size_t i = 0; i < m->count; i++) {
        table_walk_end(&m->walks[i]->walk);
        free(m->walks[i]);
    }
    free(m->walks);
}

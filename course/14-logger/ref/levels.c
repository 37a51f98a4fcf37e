/* levels.c - the order of a change: new tables are durable; then the manifest that names them; then
 * the old tables may go. A crash in between leaves files that nobody names, and the next start
 * removes them. After a manifest could not be stored, the new tables stay where they are: who can
 * say which manifest the disk has? Their numbers are not used again. */
#include "levels.h"

#include "file.h"
#include "manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct live *lives;
static size_t live_count;
static uint64_t flushed_lsn, next_number, next_run;

/* Open */

static bool is_named(uint64_t number)
{
    for (size_t i = 0; i < live_count; i++) {
        if (table_number(lives[i].table) == number)
            return true;
    }
    return false;
}

static void remove_stray(void *owner, const char *name)
{
    unsigned long long number;
    char own[64];

    (void)owner;
    if (strlen(name) < 4 || strcmp(name + strlen(name) - 4, ".sst") != 0)
        return;
    if (sscanf(name, "%20llu.sst", &number) == 1 && is_named(number)) {
        table_name(number, own);
        if (strcmp(own, name) == 0)
            return;
    }
    folder_remove(name);
}

int levels_open(uint64_t *ret_flushed_lsn)
{
    struct manifest m;
    int status = manifest_load(&m);

    if (status < 0)
        return status;
    lives = must_alloc(NULL, m.count * sizeof(*lives));
    for (size_t i = 0; i < m.count; i++)
        lives[live_count++] = (struct live){.table = table_open(m.tables[i].number),
                                            .level = m.tables[i].level,
                                            .run = m.tables[i].run};
    flushed_lsn = *ret_flushed_lsn = m.flushed_lsn;
    next_number = m.next_number;
    next_run = m.next_run;
    free(m.tables);
    folder_list(remove_stray, NULL);
    return 0;
}

/* Look */

size_t levels_count(void)
{
    return live_count;
}

const struct live *levels_at(size_t i)
{
    return &lives[i];
}

size_t levels_run_end(size_t first)
{
    size_t end = first + 1;

    while (end < live_count && lives[end].level == lives[first].level &&
           lives[end].run == lives[first].run)
        end++;
    return end;
}

uint64_t levels_bytes(uint32_t level)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < live_count; i++)
        sum += lives[i].level == level ? table_bytes(lives[i].table) : 0;
    return sum;
}

size_t levels_runs(uint32_t level)
{
    size_t count = 0;

    for (size_t i = 0; i < live_count; i = levels_run_end(i))
        count += lives[i].level == level;
    return count;
}

uint32_t levels_deepest(void)
{
    return live_count == 0 ? 0 : lives[live_count - 1].level;
}

bool levels_has_damage(void)
{
    for (size_t i = 0; i < live_count; i++) {
        if (table_is_damaged(lives[i].table))
            return true;
    }
    return false;
}

uint64_t levels_new_number(void)
{
    return next_number++;
}

uint64_t levels_new_run(void)
{
    return next_run++;
}

/* Change */

static int search_order(const void *a, const void *b)
{
    const struct live *x = a, *y = b;

    if (x->level != y->level)
        return x->level < y->level ? -1 : 1;
    if (x->run != y->run)
        return x->run > y->run ? -1 : 1;
    return slice_compare(table_first(x->table), table_first(y->table));
}

static int store(const struct live *list, size_t count, uint64_t lsn)
{
    struct manifest m = {
        .flushed_lsn = lsn, .next_number = next_number, .next_run = next_run, .count = count};
    int status;

    m.tables = must_alloc(NULL, count * sizeof(*m.tables));
    for (size_t i = 0; i < count; i++)
        m.tables[i] = (struct manifest_table){
            .number = table_number(list[i].table), .level = list[i].level, .run = list[i].run};
    status = manifest_store(&m);
    free(m.tables);
    return status;
}

static void discard(struct table *t)
{
    char name[64];

    table_name(table_number(t), name);
    table_close(t);
    folder_remove(name);
}

int levels_apply(const struct levels_change *c)
{
    struct live *list = must_alloc(NULL, (live_count + c->come_count) * sizeof(*list));
    uint64_t lsn = c->flushed_lsn == 0 ? flushed_lsn : c->flushed_lsn;
    size_t count = 0;
    int status;

    for (size_t i = 0; i < live_count; i++) {
        if (c->goes == NULL || !c->goes[i])
            list[count++] = lives[i];
    }
    for (size_t i = 0; i < c->come_count; i++)
        list[count++] = c->comes[i];
    qsort(list, count, sizeof(*list), search_order);
    status = store(list, count, lsn);
    if (status < 0) {
        free(list);
        return status;
    }
    for (size_t i = 0; i < live_count; i++) {
        if (c->goes != NULL && c->goes[i])
            discard(lives[i].table);
    }
    free(lives);
    lives = list;
    live_count = count;
    flushed_lsn = lsn;
    return 0;
}

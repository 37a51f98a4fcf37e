/* compact.c - which tables to merge, and the merge.
 *
 * levelled (as LevelDB): every level but 0 is one run, `ratio` times as large as the one above it.
 * Level 0 is merged with what it overlaps in level 1 when it has level0_tables tables. The fullest
 * level comes first. A deeper level that is too large gives one table at a time, in turn round the
 * keys, so a step rewrites about 1 + ratio tables and never a whole level.
 *
 *     0   [a  z] [b   y] [a  x]            newest
 *     1   [a f][g   m][n  z]               one of them goes down ...
 *     2   [a c][d g][h k][l m][n p][q z]   ... with those it overlaps: [g m] with [d g][h k][l m]
 *
 * tiered: a level holds up to `ratio` runs; when it is full, all of them become one run of the next
 * level. An entry is written once a level, and found in any of many runs.
 *
 * What is merged are always neighbours in the search order, apart from runs whose keys do not
 * matter: else an old entry would come to lie before a newer one. */
#include "compact.h"

#include "config.h"
#include "file.h"
#include "levels.h"
#include "merge.h"
#include "moment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 16 };

static bool is_tiered(void)
{
    return strcmp(config_text("compaction", "levelled"), "tiered") == 0;
}

static uint64_t level_limit(uint32_t level)
{
    uint64_t limit = (uint64_t)config_int("level_bytes", 262144);

    while (level-- > 1)
        limit *= (uint64_t)config_int("ratio", 4);
    return limit;
}

static uint64_t table_limit(void)
{
    return level_limit(1) / 4;
}

/* A job: the tables that go, and where what they become shall stand. */

struct job {
    bool *goes;
    uint32_t target;
    uint64_t run;
    struct slice first, last; /* of all keys */
    bool has_keys;
};

static void job_begin(struct job *j, uint32_t target)
{
    *j = (struct job){.target = target, .goes = must_alloc(NULL, levels_count() + 1)};
    memset(j->goes, 0, levels_count() + 1);
}

static void job_add(struct job *j, size_t i)
{
    struct slice first = table_first(levels_at(i)->table), last = table_last(levels_at(i)->table);

    j->goes[i] = true;
    if (!j->has_keys || slice_compare(first, j->first) < 0)
        j->first = first;
    if (!j->has_keys || slice_compare(last, j->last) > 0)
        j->last = last;
    j->has_keys = true;
}

static bool job_overlaps(const struct job *j, size_t i)
{
    const struct table *t = levels_at(i)->table;

    return j->has_keys && slice_compare(table_first(t), j->last) <= 0 &&
           slice_compare(table_last(t), j->first) >= 0;
}

static void job_add_level(struct job *j, uint32_t level)
{
    for (size_t i = 0; i < levels_count(); i++) {
        if (levels_at(i)->level == level)
            job_add(j, i);
    }
}

/* What stays and is searched after the target must not know any of the keys. */
static bool job_is_bottom(const struct job *j)
{
    for (size_t i = 0; i < levels_count(); i++) {
        if (!j->goes[i] && levels_at(i)->level >= j->target && job_overlaps(j, i))
            return false;
    }
    return true;
}

/* Merge: entries into tables of bounded size, cut only between different keys. */

struct output {
    struct merge merge;
    struct keeper keeper;
    const struct entry *next; /* kept, not yet written */
    bool is_bottom;
    uint64_t bytes; /* of the table at work */
    struct bytes last;
    struct live *tables;
    size_t count;
};

static void output_advance(struct output *o)
{
    do {
        o->next = merge_next(&o->merge);
    } while (o->next != NULL && !keeper_keeps(&o->keeper, o->next, o->is_bottom));
}

static const struct entry *output_next(void *owner)
{
    static struct bytes held; /* the entry that the writer gets: the merge has gone on */
    static struct entry e;
    struct output *o = owner;

    if (o->next == NULL)
        return NULL;
    if (o->bytes >= table_limit() &&
        slice_compare((struct slice){o->last.data, o->last.len}, o->next->key) != 0)
        return NULL;
    o->bytes += o->next->key.len + o->next->value.len;
    o->last.len = held.len = 0;
    bytes_add(&o->last, o->next->key.data, o->next->key.len);
    bytes_add(&held, o->next->key.data, o->next->key.len);
    bytes_add(&held, o->next->value.data, o->next->value.len);
    e = *o->next;
    e.key.data = held.data;
    e.value.data = held.data + e.key.len;
    output_advance(o);
    return &e;
}

static int output_write(struct output *o, const struct job *j)
{
    output_advance(o);
    while (o->next != NULL) {
        uint64_t number = levels_new_number();
        int status = table_write(number, (uint32_t)config_int("bloom_bits", 10), output_next, o);

        if (status < 0)
            return status;
        o->bytes = 0;
        o->tables = must_alloc(o->tables, (o->count + 1) * sizeof(*o->tables));
        o->tables[o->count++] =
            (struct live){.table = table_open(number), .level = j->target, .run = j->run};
    }
    return o->merge.status;
}

/* Tables that no manifest has ever named. */
static void output_discard(struct output *o)
{
    for (size_t i = 0; i < o->count; i++) {
        char name[64];

        table_name(table_number(o->tables[i].table), name);
        folder_remove(name);
        table_close(o->tables[i].table);
    }
}

static int job_run(struct job *j)
{
    struct output o = {.is_bottom = job_is_bottom(j)};
    int status;

    for (size_t i = 0, end; i < levels_count(); i = end) {
        size_t run_end = levels_run_end(i);

        for (end = i; end < run_end && j->goes[end] == j->goes[i];)
            end++;
        if (j->goes[i])
            merge_add_run(&o.merge, levels_at(i), end - i, (struct slice){"", 0});
    }
    status = output_write(&o, j);
    if (status < 0)
        output_discard(&o);
    merge_end(&o.merge);
    if (status == 0)
        status = levels_apply(
            &(struct levels_change){.goes = j->goes, .comes = o.tables, .come_count = o.count});
    keeper_release(&o.keeper);
    free(o.last.data);
    free(o.tables);
    free(j->goes);
    return status;
}

/* Choice */

/* The run of a level that is one run; a new one if there is none. */
static uint64_t run_of(uint32_t level)
{
    for (size_t i = 0; i < levels_count(); i++) {
        if (levels_at(i)->level == level)
            return levels_at(i)->run;
    }
    return levels_new_run();
}

/* A level that was tiered becomes one run where it is. */
static uint32_t crowded_level(void)
{
    for (uint32_t level = 1; level <= levels_deepest(); level++) {
        if (levels_runs(level) > 1)
            return level;
    }
    return 0;
}

/* How full a level is, in percent; from 100 on something is due. */
static uint64_t pressure(uint32_t level)
{
    if (level == 0)
        return 100 * levels_runs(0) / (uint64_t)config_int("level0_tables", 4);
    return 100 * levels_bytes(level) / level_limit(level);
}

static uint32_t worst_level(uint64_t *ret_pressure)
{
    uint32_t worst = 0;

    for (uint32_t level = 1; level <= levels_deepest(); level++) {
        if (pressure(level) > pressure(worst))
            worst = level;
    }
    *ret_pressure = pressure(worst);
    return worst;
}

static uint32_t full_tier(void)
{
    for (uint32_t level = 0; level <= levels_deepest(); level++) {
        if (levels_runs(level) >= (size_t)config_int(level == 0 ? "level0_tables" : "ratio", 4))
            return level;
    }
    return LEVELS_MAX;
}

bool compact_is_due(void)
{
    uint64_t worst;

    if (config_int("level0_tables", 0) == 0 || levels_has_damage())
        return false;
    if (is_tiered())
        return full_tier() < LEVELS_MAX;
    worst_level(&worst);
    return worst >= 100 || crowded_level() > 0;
}

static void job_add_overlapping(struct job *j)
{
    for (size_t i = 0; i < levels_count(); i++) {
        if (levels_at(i)->level == j->target && job_overlaps(j, i))
            job_add(j, i);
    }
}

/* The next table of the level, in turn round the keys. */
static size_t next_in_turn(uint32_t level)
{
    static struct bytes cursors[LEVELS_MAX];
    struct bytes *cursor = &cursors[level % LEVELS_MAX];
    size_t first = SIZE_MAX, i;

    for (i = 0; i < levels_count(); i++) {
        if (levels_at(i)->level != level)
            continue;
        if (first == SIZE_MAX)
            first = i;
        if (slice_compare(table_first(levels_at(i)->table),
                          (struct slice){cursor->data, cursor->len}) > 0)
            break;
    }
    if (i == levels_count())
        i = first;
    cursor->len = 0;
    bytes_add(cursor, table_first(levels_at(i)->table).data, table_first(levels_at(i)->table).len);
    return i;
}

static int levelled_step(void)
{
    uint32_t level = crowded_level();
    uint64_t worst;
    struct job j;

    if (level > 0) {
        job_begin(&j, level);
        j.run = run_of(level);
        job_add_level(&j, level);
        return job_run(&j);
    }
    level = worst_level(&worst);
    job_begin(&j, level + 1);
    j.run = run_of(level + 1);
    if (level == 0)
        job_add_level(&j, 0);
    else
        job_add(&j, next_in_turn(level));
    job_add_overlapping(&j);
    return job_run(&j);
}

static int tiered_step(void)
{
    uint32_t tier = full_tier();
    struct job j;

    job_begin(&j, tier + 1);
    j.run = levels_new_run();
    job_add_level(&j, tier);
    return job_run(&j);
}

int compact_step(void)
{
    return is_tiered() ? tiered_step() : levelled_step();
}

int compact_level(uint32_t level)
{
    struct job j;

    if (levels_has_damage())
        return -EBADMSG;
    job_begin(&j, level + 1);
    j.run = run_of(level + 1);
    job_add_level(&j, level);
    if (!j.has_keys) {
        free(j.goes);
        return 0;
    }
    job_add_level(&j, level + 1);
    return job_run(&j);
}

int compact_all(void)
{
    struct job j;

    if (levels_has_damage())
        return -EBADMSG;
    job_begin(&j, levels_deepest() == 0 ? 1 : levels_deepest());
    j.run = run_of(j.target);
    for (size_t i = 0; i < levels_count(); i++)
        job_add(&j, i);
    return job_run(&j);
}

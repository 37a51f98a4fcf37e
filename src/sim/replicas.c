/* A merge may come with every request, so it must not walk all keys: split lists the keys on which
 * the replicas may differ, that is those written since they were last found equal. */
#include "replicas.h"

#include "value.h"

#include "../base/assert.h"
#include "../base/map.h"
#include "../base/mem.h"

/* What one replica knows of one key. */
struct cell {
    struct value *value; /* NULL: nothing */
    uint64_t time;       /* of the writing replica's clock; 0: nothing */
    uint32_t writer;
};

struct row {
    struct cell cells[REPLICA_COUNT];
    bool is_split; /* listed in split */
};

struct replicas {
    struct map *keys;
    struct row *rows; /* by number in keys */
    size_t rows_cap;
    uint64_t clocks[REPLICA_COUNT];
    uint32_t *split; /* numbers of keys, in order of entry */
    size_t split_len, split_cap;
    uint64_t bytes;
};

struct replicas *replicas_new(void)
{
    struct replicas *r = mem_zalloc(sizeof(*r));

    r->keys = map_new();
    return r;
}

static void set_cell(struct replicas *r, struct cell *c, struct cell to)
{
    if (to.value->refs == 1)
        r->bytes += to.value->len;
    if (c->value != NULL && c->value->refs == 1)
        r->bytes -= c->value->len;
    value_drop(c->value);
    *c = to;
}

void replicas_free(struct replicas *r)
{
    uint32_t number;
    int i;

    if (r == NULL)
        return;
    for (number = 0; number < map_len(r->keys); number++)
        for (i = 0; i < REPLICA_COUNT; i++)
            value_drop(r->rows[number].cells[i].value);
    mem_free(r->rows);
    mem_free(r->split);
    map_free(r->keys);
    mem_free(r);
}

uint32_t replicas_keys(const struct replicas *r)
{
    return map_len(r->keys);
}

uint64_t replicas_bytes(const struct replicas *r)
{
    return r->bytes;
}

static uint32_t row_of(struct replicas *r, struct str key)
{
    bool is_new;
    uint32_t number = map_put(r->keys, key, &is_new);

    if (is_new) {
        r->rows = mem_grow(r->rows, &r->rows_cap, (size_t)number + 1, sizeof(*r->rows));
        r->rows[number] = (struct row){0};
        r->bytes += key.len;
    }
    return number;
}

void replicas_put(struct replicas *r, uint32_t replica, struct str key, struct str value)
{
    uint32_t number = row_of(r, key);
    struct row *row = &r->rows[number];

    ASSERT(replica < REPLICA_COUNT);
    set_cell(r, &row->cells[replica],
             (struct cell){value_new(value), ++r->clocks[replica], replica});
    if (row->is_split)
        return;
    row->is_split = true;
    r->split = mem_grow(r->split, &r->split_cap, r->split_len + 1, sizeof(*r->split));
    r->split[r->split_len++] = number;
}

struct str replicas_get(const struct replicas *r, uint32_t replica, struct str key)
{
    int64_t number = map_find(r->keys, key);

    ASSERT(replica < REPLICA_COUNT);
    if (number == MAP_NONE || r->rows[number].cells[replica].value == NULL)
        return (struct str){NULL, 0};
    return value_text(r->rows[number].cells[replica].value);
}

static bool wins(const struct cell *a, const struct cell *b)
{
#if PLANT_SIM == 6 /* planted bug: the newcomer wins, whatever the clocks say */
    return true || a->time > b->time;
#else
    return a->time != b->time ? a->time > b->time : a->writer > b->writer;
#endif
}

static bool is_split(const struct row *row)
{
    int i;

    for (i = 1; i < REPLICA_COUNT; i++)
        if (row->cells[i].value != row->cells[0].value)
            return true;
    return false;
}

void replicas_merge(struct replicas *r, uint32_t into, uint32_t from)
{
    size_t kept = 0;
    size_t i;

    ASSERT(into < REPLICA_COUNT && from < REPLICA_COUNT);
    if (r->clocks[into] < r->clocks[from])
        r->clocks[into] = r->clocks[from];
    for (i = 0; i < r->split_len; i++) {
        struct row *row = &r->rows[r->split[i]];
        const struct cell *theirs = &row->cells[from];

        if (theirs->value != NULL && wins(theirs, &row->cells[into]))
            set_cell(r, &row->cells[into],
                     (struct cell){value_hold(theirs->value), theirs->time, theirs->writer});
        row->is_split = is_split(row);
        if (row->is_split)
            r->split[kept++] = r->split[i];
    }
    r->split_len = kept;
}

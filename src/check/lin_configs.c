/* Rows lie in one array in order of entry; a hash table chains those with equal state and equal
 * unhideable used bits, for only such rows can cover each other in practice (the others would
 * merely go unnoticed, which costs time and no verdict). Emptying a set is one increment: heads
 * whose stamp is old count as empty. */
#include "lin_configs.h"

#include "../base/mem.h"

#include <stdlib.h>

enum { HEADS_MIN = 1 << 10 };

void lin_configs_init(struct lin_configs *s, uint32_t words, uint32_t lanes, uint64_t *key_mask)
{
    *s = (struct lin_configs){
        .words = words,
        .lanes = lanes,
        .stride = 1 + 3 * words + lanes / 2,
        .head_count = HEADS_MIN,
        .stamp = 1,
        .key_mask = key_mask,
    };
    s->heads = mem_zalloc(HEADS_MIN * sizeof(*s->heads));
}

void lin_configs_release(struct lin_configs *s)
{
    mem_free(s->rows);
    mem_free(s->heads);
}

void lin_configs_reset(struct lin_configs *s)
{
    s->len = 0;
    if (++s->stamp == 0) {
        memset(s->heads, 0, s->head_count * sizeof(*s->heads));
        s->stamp = 1;
    }
}

static void rehash(struct lin_configs *s)
{
    uint32_t len = s->len;

    lin_configs_reset(s);
    for (uint32_t i = 0; i < len; i++) {
        uint64_t *row = lin_configs_at(s, i);
        struct lin_head *head = &s->heads[lin_config_hash(s, row, s->words)];
        if (head->stamp != s->stamp)
            *head = (struct lin_head){0, s->stamp};
        row[0] = (uint32_t)row[0] | (uint64_t)head->row << 32;
        head->row = i + 1;
    }
    s->len = len;
}

void lin_configs_grow(struct lin_configs *s)
{
    s->rows = mem_grow(s->rows, &s->row_cap, (size_t)(s->len + 1) * s->stride, sizeof(*s->rows));
    if (s->len < s->head_count)
        return;
    mem_free(s->heads);
    s->head_count *= 4;
    s->heads = mem_zalloc(s->head_count * sizeof(*s->heads));
    rehash(s);
}

void lin_configs_load(struct lin_configs *s, const uint64_t *rows, uint32_t len)
{
    lin_configs_reset(s);
    for (uint32_t i = 0; i < len; i++)
        lin_configs_insert(s, rows + (size_t)i * s->stride, s->words, s->lanes / 2);
}

struct rank {
    uint64_t used;    /* indeterminate operations */
    uint32_t settled; /* observers */
    uint32_t row;
};

static int compare_ranks(const void *x, const void *y)
{
    const struct rank *a = x, *b = y;

    if (a->used != b->used)
        return a->used < b->used ? -1 : 1;
    if (a->settled != b->settled)
        return a->settled > b->settled ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

void lin_configs_keep_best(struct lin_configs *s, uint32_t max)
{
    struct rank *ranks = mem_alloc(s->len * sizeof(*ranks));
    uint64_t *kept = mem_alloc((size_t)max * s->stride * sizeof(*kept));

    for (uint32_t i = 0; i < s->len; i++) {
        const uint64_t *row = lin_configs_at(s, i);
        const uint32_t *counts = (const uint32_t *)(row + 1 + 3 * s->words);
        ranks[i] = (struct rank){.row = i};
        for (uint32_t k = 0; k < s->lanes; k++)
            ranks[i].used += counts[k];
        for (uint32_t k = 0; k < s->words; k++)
            ranks[i].settled += (uint32_t)__builtin_popcountll(row[1 + 2 * s->words + k]);
    }
    qsort(ranks, s->len, sizeof(*ranks), compare_ranks);
    for (uint32_t i = 0; i < max; i++)
        memcpy(kept + (size_t)i * s->stride, lin_configs_at(s, ranks[i].row),
               s->stride * sizeof(*kept));
    memcpy(s->rows, kept, (size_t)max * s->stride * sizeof(*kept));
    s->len = max;
    rehash(s);
    mem_free(kept);
    mem_free(ranks);
}

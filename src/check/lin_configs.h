/* lin_configs.h - sets of configurations of the just-in-time search.
 *
 * A configuration is a row of 64-bit words: state (low half of the first; the high half is the
 * set's own), then per word of bits used, hidden, settled, then counters, two a word:
 *
 *     state | used ... | hidden ... | settled ... | counts ...
 *
 * used: the operation has happened. hidden: it may have happened at a moment when nobody could
 * notice, and may as well still happen. settled: the observer has seen its answer. */
#ifndef CHECK_LIN_CONFIGS_H
#define CHECK_LIN_CONFIGS_H

#include "lin_plant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A hash chain. */
struct lin_head {
    uint32_t row; /* + 1; 0 for none */
    uint32_t stamp;
};

struct lin_configs {
    uint64_t *rows;
    size_t row_cap; /* in words */
    uint32_t len;
    uint32_t words; /* of bits */
    uint32_t lanes; /* even */
    uint32_t stride;
    struct lin_head *heads;
    uint32_t head_count; /* a power of two */
    uint32_t stamp;
    uint64_t walked;    /* links of chains that were looked at, ever */
    uint64_t *key_mask; /* borrowed, words long: bits that equal configurations must share */
};

void lin_configs_init(struct lin_configs *s, uint32_t words, uint32_t lanes, uint64_t *key_mask);
void lin_configs_release(struct lin_configs *s);
void lin_configs_reset(struct lin_configs *s);
/* Makes room for one more row and a short enough chain. */
void lin_configs_grow(struct lin_configs *s);
/* Keeps the max most hopeful: fewest indeterminate operations used, then most settled. */
void lin_configs_keep_best(struct lin_configs *s, uint32_t max);
/* Replaces the content; rows is len rows. */
void lin_configs_load(struct lin_configs *s, const uint64_t *rows, uint32_t len);

static inline uint64_t *lin_configs_at(const struct lin_configs *s, uint32_t i)
{
    return s->rows + (size_t)i * s->stride;
}

/* The functions below take words w and words of counters c as arguments, so that the common
 * w = 1, c = 0 compiles to straight code. */
#define LIN_INLINE static inline __attribute__((always_inline))

/* a is at least as good as b, of equal state: whatever can follow b can follow a. */
LIN_INLINE bool lin_config_covers(const uint64_t *a, const uint64_t *b, uint32_t w, uint32_t c)
{
    const uint32_t *count_a = (const uint32_t *)(a + 1 + 3 * w);
    const uint32_t *count_b = (const uint32_t *)(b + 1 + 3 * w);

    for (uint32_t i = 1; i <= w; i++) {
        uint64_t differ = (a[i] ^ b[i]) | (a[i + w] ^ b[i + w]);
        if (((b[i + 2 * w] & ~a[i + 2 * w]) != 0 && !PLANTED_LIN(5)) || (differ & ~a[i + w]) != 0)
            return false;
    }
    for (uint32_t i = 0; i < 2 * c; i++)
        if (count_a[i] > count_b[i])
            return false;
    return true;
}

LIN_INLINE uint32_t lin_config_hash(const struct lin_configs *s, const uint64_t *row, uint32_t w)
{
    uint64_t h = (uint32_t)row[0] * 0x9e3779b97f4a7c15u;

    for (uint32_t i = 0; i < w; i++) {
        h ^= (row[1 + i] & s->key_mask[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 29;
        h *= 0xbf58476d1ce4e5b9u;
    }
    return (uint32_t)(h >> 32) & (s->head_count - 1);
}

/* Adds row unless one that covers it is there. */
LIN_INLINE bool lin_configs_insert(struct lin_configs *s, const uint64_t *row, uint32_t w,
                                   uint32_t c)
{
    uint32_t stride = 1 + 3 * w + c;
    struct lin_head *head;
    uint64_t *at;

    if ((size_t)(s->len + 1) * stride > s->row_cap || s->len >= s->head_count)
        lin_configs_grow(s);
    head = &s->heads[lin_config_hash(s, row, w)];
    if (head->stamp != s->stamp)
        *head = (struct lin_head){0, s->stamp};
    for (uint32_t i = head->row; i != 0; i = (uint32_t)(at[0] >> 32)) {
        at = s->rows + (size_t)(i - 1) * stride;
        s->walked++;
        if ((uint32_t)at[0] == (uint32_t)row[0] && lin_config_covers(at, row, w, c))
            return false;
    }
    at = s->rows + (size_t)s->len * stride;
    memcpy(at, row, stride * sizeof(*at));
    at[0] = (uint32_t)row[0] | (uint64_t)head->row << 32;
    head->row = ++s->len;
    return true;
}

#endif

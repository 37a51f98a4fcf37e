/* intervals.h - sets of integers as sorted, closed intervals that do not touch each other.
 *
 * Built for sums of which some parts are in doubt: starts as one sum, and each doubtful part
 * doubles the set (with it, or without it). Exact up to INTERVALS_MAX intervals; beyond, the
 * narrowest gaps are filled and the set is marked as too wide. */
#ifndef CHECK_INTERVALS_H
#define CHECK_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INTERVALS_MAX = 1024 };

struct interval {
    int64_t low;
    int64_t high; /* inclusive */
};

struct intervals {
    struct interval *list;
    size_t len;
    bool is_widened; /* it may hold integers that are no sum; it lacks none that is */
};

void intervals_init(struct intervals *set, int64_t only);
void intervals_release(struct intervals *set);

/* Adds to the set each of its members plus delta. No sum may leave the range of int64_t. */
void intervals_choose(struct intervals *set, int64_t delta);
bool intervals_has(const struct intervals *set, int64_t value);

#endif

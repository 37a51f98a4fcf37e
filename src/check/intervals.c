#include "intervals.h"

#include "plant.h"

#include "../base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Between two calls at most INTERVALS_MAX intervals; a choice can double them before they are
 * thinned out. */
void intervals_init(struct intervals *set, int64_t only)
{
    *set = (struct intervals){mem_alloc(2 * INTERVALS_MAX * sizeof(*set->list)), 1, false};
    set->list[0] = (struct interval){only, only};
}

void intervals_release(struct intervals *set)
{
    mem_free(set->list);
    *set = (struct intervals){0};
}

/* Appends an interval that starts no earlier than the last; joins them if they touch. */
static void append(struct intervals *set, struct interval next)
{
    struct interval *last = set->len > 0 ? &set->list[set->len - 1] : NULL;

    if (last == NULL || next.low > last->high + !PLANTED(11)) {
        set->list[set->len++] = next;
        return;
    }
    if (next.high > last->high)
        last->high = next.high;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Fills the narrowest gaps until at most INTERVALS_MAX / 2 intervals are left, so that this is
 * rare.
 */
static void widen(struct intervals *set)
{
    size_t gap_count = set->len - 1;
    size_t keep = INTERVALS_MAX / 2 - 1; /* gaps */
    int64_t *gaps = mem_alloc(gap_count * sizeof(*gaps));
    int64_t limit;
    size_t kept = 1;
    size_t i;

    for (i = 0; i < gap_count; i++)
        gaps[i] = set->list[i + 1].low - set->list[i].high;
    qsort(gaps, gap_count, sizeof(*gaps), by_size);
    limit = gaps[gap_count - keep - 1];
    mem_free(gaps);
    for (i = 1; i < set->len; i++) {
        if (set->list[i].low - set->list[kept - 1].high > limit)
            set->list[kept++] = set->list[i];
        else
            set->list[kept - 1].high = set->list[i].high;
    }
    set->len = kept;
    set->is_widened = true;
}

void intervals_choose(struct intervals *set, int64_t delta)
{
    size_t len = set->len;
    struct interval *old;
    size_t stay = 0;
    size_t move = 0;

    if (delta == 0)
        return;
    old = mem_alloc(len * sizeof(*old));
    memcpy(old, set->list, len * sizeof(*old));
    set->len = 0;
    while (stay < len || move < len) { /* merge the set with itself moved by delta */
        bool is_stay = move == len || (stay < len && old[stay].low <= old[move].low + delta);
        if (is_stay)
            append(set, old[stay++]);
        else {
            append(set, (struct interval){old[move].low + delta, old[move].high + delta});
            move++;
        }
    }
    mem_free(old);
    if (set->len > INTERVALS_MAX)
        widen(set);
}

bool intervals_has(const struct intervals *set, int64_t value)
{
    size_t low = 0;
    size_t high = set->len;

    while (low < high) { /* the first interval that ends at value or above */
        size_t middle = low + (high - low) / 2;
        if (set->list[middle].high < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low < set->len && set->list[low].low <= value;
}

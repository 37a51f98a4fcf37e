/* Time in two ways: faults that last shorter, and gaps in which nothing is decided that become
 * shorter. Everything after a gap moves forward with it. The longest gaps come first, and each is
 * tried from its boldest cut to its mildest; gaps below GAP_MIN stay. Then times are rounded, so
 * that they can be read. The time for recovery after the load is never touched: a right program may
 * need it. */
#include "shrink_passes.h"

#include "../base/mem.h"
#include "trials.h"

#include <stdlib.h>

static const int64_t MS = 1000000;
enum { GAP_MIN_MS = 20, GAPS_MAX = 12, TIME_ROUNDS_MAX = 3, CUTS = 4 };

/* What becomes of a moment; negative times are "never" and stay. */
typedef int64_t (*moment_fn)(const void *how, int64_t t);

static void set_time(json_t *item, const char *key, moment_fn fn, const void *how)
{
    const json_t *t = json_object_get(item, key);

    if (json_is_integer(t))
        json_object_set_new(item, key, json_integer(fn(how, json_integer_value(t))));
}

static json_t *list_moved(const json_t *list, moment_fn fn, const void *how)
{
    static const char *const keys[] = {"at", "start", "stop"};
    json_t *moved = json_array();
    json_t *item;
    size_t i, k;

    json_array_foreach(list, i, item)
    {
        json_t *other = json_copy(item);
        for (k = 0; k < 3; k++)
            set_time(other, keys[k], fn, how);
        json_array_append_new(moved, other);
    }
    return moved;
}

/* The same decisions at other times. */
static json_t *moved(const json_t *candidate, moment_fn fn, const void *how)
{
    json_t *half = candidate_set(candidate, "operations",
                                 list_moved(candidate_list(candidate, "operations"), fn, how));
    json_t *most =
        candidate_set(half, "faults", list_moved(candidate_list(half, "faults"), fn, how));
    json_t *whole =
        candidate_set(most, "messages", list_moved(candidate_list(most, "messages"), fn, how));

    set_time(json_object_get(whole, "decisions"), "end", fn, how);
    json_decref(half);
    json_decref(most);
    return whole;
}

/* ---- gaps ---- */

struct gap {
    int64_t from_ns, to_ns;
};

struct cut {
    int64_t after_ns, by_ns;
};

static int64_t cut_moment(const void *how, int64_t t)
{
    const struct cut *c = how;

    return t > c->after_ns ? t - c->by_ns : t;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int longest_first(const void *a, const void *b)
{
    const struct gap *x = a, *y = b;
    int64_t p = x->to_ns - x->from_ns, q = y->to_ns - y->from_ns;

    return p != q ? (p < q) - (p > q) : (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

static void add_times(const json_t *list, const char *key, int64_t *times, size_t *count)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        const json_t *t = json_object_get(item, key);
        if (json_is_integer(t))
            times[(*count)++] = json_integer_value(t);
    }
}

/* Gaps between what is decided, the longest first; at most GAPS_MAX. */
static uint32_t find_gaps(const json_t *candidate, struct gap *gaps)
{
    const json_t *operations = candidate_list(candidate, "operations");
    const json_t *faults = candidate_list(candidate, "faults");
    size_t max = json_array_size(operations) + 2 * json_array_size(faults) + 1;
    int64_t *times = mem_zalloc(max * sizeof(*times));
    struct gap *all = mem_alloc(max * sizeof(*all));
    size_t count = 1; /* times[0]: the beginning */
    uint32_t found = 0;
    size_t i;

    add_times(operations, "at", times, &count);
    add_times(faults, "start", times, &count);
    add_times(faults, "stop", times, &count);
    qsort(times, count, sizeof(*times), by_time);
    for (i = 1; i < count; i++)
        if (times[i] - times[i - 1] >= GAP_MIN_MS * MS)
            all[found++] = (struct gap){times[i - 1], times[i]};
    if (found > 0)
        qsort(all, found, sizeof(*all), longest_first);
    if (found > GAPS_MAX)
        found = GAPS_MAX;
    for (i = 0; i < found; i++)
        gaps[i] = all[i];
    mem_free(times);
    mem_free(all);
    return found;
}

static bool cut_gap(struct shrink *s, const struct gap *gap)
{
    int64_t size = gap->to_ns - gap->from_ns;
    int64_t by[CUTS] = {size - 10 * MS, size * 3 / 4, size / 2, size / 4};
    json_t *candidates[CUTS];
    uint32_t i;

    for (i = 0; i < CUTS; i++) {
        struct cut cut = {gap->from_ns, by[i]};
        candidates[i] = moved(s->best, cut_moment, &cut);
    }
    return shrink_try(s, candidates, CUTS);
}

/* A gap that was cut moves those after it, so they are looked for anew; a gap that could not be cut
 * is passed over. */
static bool cut_gaps(struct shrink *s)
{
    struct gap gaps[GAPS_MAX];
    uint32_t skip = 0, tries;
    bool any = false;

    for (tries = 0; tries < 2 * GAPS_MAX && !trials_over(s->trials); tries++) {
        uint32_t count = find_gaps(s->best, gaps);

        if (skip >= count)
            break;
        if (cut_gap(s, &gaps[skip]))
            any = true;
        else
            skip++;
    }
    return any;
}

static int64_t earlier(const void *how, int64_t t)
{
    int64_t by_ns = *(const int64_t *)how;

    return t > by_ns ? t - by_ns : 0;
}

json_t *shrink_earlier(json_t *candidate, int64_t by_ns)
{
    json_t *early = moved(candidate, earlier, &by_ns);

    json_decref(candidate);
    return early;
}

/* ---- windows ---- */

static json_t *with_window(const json_t *candidate, size_t place, int64_t start_ns, int64_t stop_ns)
{
    json_t *faults = json_copy((json_t *)candidate_list(candidate, "faults"));
    json_t *window = json_copy(json_array_get(faults, place));

    json_object_set_new(window, "start", json_integer(start_ns));
    json_object_set_new(window, "stop", json_integer(stop_ns));
    json_array_set_new(faults, place, window);
    return candidate_set(candidate, "faults", faults);
}

/* From its beginning or its end, an eighth, a quarter or a half of it. */
static bool narrow(struct shrink *s, size_t place)
{
    static const int parts[] = {8, 4, 2};
    const json_t *window = json_array_get(candidate_list(s->best, "faults"), place);
    const json_t *stop = json_object_get(window, "stop");
    int64_t from = json_integer_value(json_object_get(window, "start"));
    int64_t to = json_integer_value(stop);
    json_t *candidates[6];
    uint32_t count = 0, i;

    if (!json_is_integer(stop) || to - from < GAP_MIN_MS * MS)
        return false;
    for (i = 0; i < 3; i++) {
        int64_t size = (to - from) / parts[i];
        candidates[count++] = with_window(s->best, place, from, from + size);
        candidates[count++] = with_window(s->best, place, to - size, to);
    }
    return shrink_try(s, candidates, count);
}

static bool narrow_all(struct shrink *s)
{
    bool any = false;
    size_t i;

    for (i = 0; i < json_array_size(candidate_list(s->best, "faults")); i++)
        while (!trials_over(s->trials) && i < json_array_size(candidate_list(s->best, "faults")) &&
               narrow(s, i))
            any = true;
    return any;
}

/* ---- the rest ---- */

static int64_t no_later(const void *how, int64_t t)
{
    (void)how;
    return t;
}

static void end_early(struct shrink *s)
{
    json_t *early = moved(s->best, no_later, NULL);

    json_object_set_new(json_object_get(early, "decisions"), "end", json_integer(0));
    shrink_try(s, &early, 1);
}

static int64_t rounded(const void *how, int64_t t)
{
    int64_t unit = *(const int64_t *)how;

    return (t + unit / 2) / unit * unit;
}

static void round_times(struct shrink *s)
{
    static const int64_t units_ms[] = {100, 10, 1};
    json_t *candidates[3];
    uint32_t i;

    for (i = 0; i < 3; i++) {
        int64_t unit = units_ms[i] * MS;
        candidates[i] = moved(s->best, rounded, &unit);
    }
    shrink_try(s, candidates, 3);
}

/* Less time saves little, and what it saves is no end in itself: a few rounds are enough. */
bool shrink_time(struct shrink *s)
{
    bool any;

    if (s->time_rounds++ >= TIME_ROUNDS_MAX)
        return false;
    end_early(s);
    any = narrow_all(s);
    any = cut_gaps(s) || any;
    round_times(s);
    return any;
}

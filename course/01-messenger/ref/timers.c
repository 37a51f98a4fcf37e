/* timers.c - a binary heap: the timer at place p is due no later than those at 2p and 2p + 1. */
#include "timers.h"

#include "json.h"

#include <stdlib.h>

static struct timer **heap; /* heap[0] is not used */
static size_t count, cap;
static uint64_t last_order;

static bool before(const struct timer *a, const struct timer *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->order < b->order;
}

static void put(struct timer *t, size_t place)
{
    heap[place] = t;
    t->place = place;
}

/* Finds the place of t, of which only heap[place] is known to be free. */
static void settle(struct timer *t, size_t place)
{
    while (place > 1 && before(t, heap[place / 2])) {
        put(heap[place / 2], place);
        place /= 2;
    }
    for (;;) {
        size_t child = 2 * place;

        if (child < count && before(heap[child + 1], heap[child]))
            child++;
        if (child > count || !before(heap[child], t))
            break;
        put(heap[child], place);
        place = child;
    }
    put(t, place);
}

void timer_start(struct timer *t, int64_t due_ns)
{
    timer_stop(t);
    if (count + 1 >= cap) {
        cap = 2 * cap + 64;
        heap = realloc(heap, cap * sizeof(struct timer *));
        if (heap == NULL)
            abort();
    }
    t->due_ns = due_ns;
    t->order = ++last_order;
    count++;
    settle(t, count);
}

void timer_stop(struct timer *t)
{
    size_t place = t->place;
    struct timer *last;

    if (place == 0)
        return;
    t->place = 0;
    last = heap[count--];
    if (last != t)
        settle(last, place);
}

bool timers_next(int64_t *ret_due_ns)
{
    if (count == 0)
        return false;
    *ret_due_ns = heap[1]->due_ns;
    return true;
}

void timers_run(int64_t now_ns)
{
    while (count > 0 && heap[1]->due_ns <= now_ns) {
        struct timer *t = heap[1];

        timer_stop(t); /* first, since what runs may start it again */
        t->run(t);
        json_reset();
    }
}

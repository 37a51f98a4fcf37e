/* timers.h - things to do at a time, the earliest first.
 *
 * A timer lies inside the thing it belongs to, so starting and stopping one costs no memory and
 * stopping needs no search. Times are nanoseconds on the monotonic clock; timers that are due at
 * the same time run in the order in which they were started. */
#ifndef MESSENGER_TIMERS_H
#define MESSENGER_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    void (*run)(struct timer *t); /* set by the owner before timer_start() */
    int64_t due_ns;
    uint64_t order;
    size_t place; /* in the heap, counted from 1; 0: not running */
};

void timer_start(struct timer *t, int64_t due_ns); /* a running one is moved */
void timer_stop(struct timer *t);                  /* fine if it does not run */

bool timers_next(int64_t *ret_due_ns); /* false: none is running */
void timers_run(int64_t now_ns);       /* runs all that are due; they may start and stop others */

/* The timer's owner: a struct of type `type` that holds the timer as `member`. */
#define TIMER_OWNER(t, type, member) ((type *)(void *)((char *)(t)-offsetof(type, member)))

#endif

/* queue.h - what will happen, in the order it will happen; and what time it is.
 *
 * Events leave ordered by (due_ns, order of entry), without exception. The queue keeps the time:
 * it starts at 0, never goes back, and never passes an event that is still waiting. Knows nothing
 * of what an event means; data is the caller's and is only carried. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

struct queue_event {
    void *data;
    uint32_t kind; /* the caller's */
};

struct queue *queue_new(void);
void queue_free(struct queue *q); /* NULL is fine; data of waiting events is not touched */

int64_t queue_now(const struct queue *q);
int64_t queue_next_ns(const struct queue *q); /* due time of the next event; INT64_MAX: none */
size_t queue_len(const struct queue *q);

/* Adds an event; a due_ns in the past counts as now. */
void queue_push(struct queue *q, int64_t due_ns, struct queue_event e);
/* The same for an event that may be cancelled. Returns its handle, never 0, never used again. */
uint64_t queue_push_cancellable(struct queue *q, int64_t due_ns, struct queue_event e);
/* Takes the event out. False if it has left already. */
bool queue_cancel(struct queue *q, uint64_t handle, struct queue_event *ret_event);

/* Takes the next event due at until_ns or earlier and moves the time to when it is due. False if
 * there is none; the time stays. */
bool queue_pop(struct queue *q, int64_t until_ns, struct queue_event *ret_event);
/* Moves the time to now_ns, if that is later; nothing may be due before now_ns. */
void queue_pass(struct queue *q, int64_t now_ns);

void queue_check(const struct queue *q); /* asserts every invariant; for tests */

#endif

/* total_queue.h - what goes into a queue comes out of it, in any order.
 *
 * Operations: enqueue v; dequeue null -> v, or null if it was empty; drain null -> list of all that
 * was left. For queues that keep no order and may deliver twice: queues in order are the model
 * queue of linearizable.
 *
 * Wrong: a value that comes out and never went in, or not yet, or whose every enqueue failed
 * ("unexpected");
 * one that was acknowledged and did not come out by the time somebody found the queue empty
 * ("lost"), as far as operations whose answers got lost cannot have taken it. A queue that nobody
 * found empty (by a drain, a dequeue that returns null, or one that fails with an error that says
 * empty or exhausted) may hold them still: unknown.
 *
 * Details are Jepsen's: "attempt-count", "acknowledged-count", "ok-count", and lists (bounded) with
 * counts of "unexpected", "lost", "duplicated" (came out more often than it went in: reported
 * only) and "recovered" (came out though its enqueue was never acknowledged). */
#ifndef CHECK_TOTAL_QUEUE_H
#define CHECK_TOTAL_QUEUE_H

struct checker;

extern const struct checker total_queue_checker; /* "total-queue", no options */

#endif

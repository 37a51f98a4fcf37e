/* sequential.h - could the operations have happened one at a time, in some order that keeps each
 * process's own?
 *
 * Sequential consistency (Lamport 1979): real time between processes plays no part, so a process
 * may see the past, as long as it never goes back. Models: lin_model.h. Unlike linearizability it
 * cannot be decided key by key: the keys of a history are held against one order.
 *
 * Deciding it is NP-complete. What is linearizable is sequentially consistent, and most histories
 * of working systems fall to that or to the first dive of the search; broken ones of more than some
 * hundred operations may end as unknown.
 *
 * Details: "model", "operation-count", "key-count"; where invalid "operations" that contradict
 * each other and "operations-are" ("smallest", or "stuck": where the longest attempt ended). */
#ifndef CHECK_SEQUENTIAL_H
#define CHECK_SEQUENTIAL_H

#include <stdbool.h>
#include <stdint.h>

struct checker;
struct history;
struct lin_model;
struct verdict;

enum { SEQUENTIAL_BUDGET = 20000000 };

struct sequential_options {
    const struct lin_model *model;
    bool keyed;
    uint64_t budget; /* steps of search */
};

void sequential_check(const struct history *h, const struct sequential_options *options,
                      struct verdict *ret_verdict);

/* "sequential", options model, keyed, initial, budget. */
extern const struct checker sequential_checker;

#endif

/* linearizable.h - could the operations have happened one at a time, in real time?
 *
 * Each operation must take effect at one moment between its invocation and its return, so that
 * every answer is what the object would have given then (Herlihy and Wing 1990). Models and the
 * meaning of their operations: lin_model.h. A model with keys is checked key by key.
 *
 * Details: "model", "operation-count", "key-count"; where it is invalid "failures" (keys, bounded),
 * "failure-count" and "explanation" of the first (lin_explain.h; the key stands in it); where the
 * search ran out of budget "explored-index" and "explored", the share of the history that was
 * dealt with. */
#ifndef CHECK_LINEARIZABLE_H
#define CHECK_LINEARIZABLE_H

#include <stdbool.h>
#include <stdint.h>

struct checker;
struct history;
struct lin_model;
struct verdict;

struct linearizable_options {
    const struct lin_model *model;
    bool keyed;      /* values are [key, x]; lin_model says what is usual */
    uint64_t budget; /* steps of search for the whole history; a step takes 10 to 100 ns */
};

enum { LINEARIZABLE_BUDGET = 50000000 };

void linearizable_check(const struct history *h, const struct linearizable_options *options,
                        struct verdict *ret_verdict);

/* "linearizable", options model, keyed, initial, budget. */
extern const struct checker linearizable_checker;

#endif

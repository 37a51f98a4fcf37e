/* lin_jit.h - linearizability of any model, by just-in-time search through time.
 *
 * Walks the events once and keeps every way in which the operations so far can have happened, in
 * as few configurations as possible. Memory and time grow with how many operations are open at
 * once, not with the length of the history. */
#ifndef CHECK_LIN_JIT_H
#define CHECK_LIN_JIT_H

#include "lin_op.h"

struct lin_space;

enum { LIN_STUCK_STATES_MAX = 5, LIN_STUCK_OPS_MAX = 8 };

/* The moment at which nothing fits any more, for explanations. */
struct lin_stuck {
    uint32_t op;                           /* its return is what nothing explains */
    uint32_t before[LIN_STUCK_STATES_MAX]; /* the states that were possible just before */
    uint32_t before_count;                 /* how many there are; the array holds the first */
    uint32_t after[LIN_STUCK_STATES_MAX];  /* further states that open operations could lead to */
    uint32_t after_count;
    uint32_t open[LIN_STUCK_OPS_MAX]; /* open operations that may not have happened yet */
    uint32_t open_count;
};

struct lin_effort {
    uint64_t budget; /* about how many steps at most; a step takes 10 to 100 ns */
    uint32_t beam;   /* how many configurations to keep at first; 0: let the search choose */
};

/* stuck may be NULL; it is filled if the answer is LIN_INVALID. space must be that of the part or
 * of the part it was made from. */
void lin_jit(struct lin_space *space, const struct lin_part *part, const struct lin_effort *effort,
             struct lin_result *ret_result, struct lin_stuck *ret_stuck);

#endif

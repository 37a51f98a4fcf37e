/* lin_core.h - finds few operations of a part that are wrong together. */
#ifndef CHECK_LIN_CORE_H
#define CHECK_LIN_CORE_H

#include "lin_jit.h"
#include "lin_op.h"

struct lin_space;

enum { LIN_CORE_MAX = 32 };

struct lin_core {
    uint32_t *ops; /* numbers in the part, ascending */
    uint32_t len;
    struct lin_stuck stuck; /* numbers of the part too */
    bool minimal;           /* each of ops is needed */
    uint32_t reached; /* index of the event with which the history is wrong; set in any case */
    bool is_stuck;    /* stuck is known; without ops it is about the history up to there */
};

/* part is prepared (space is its own) and not linearizable; res and stuck say what the search
 * found. False: no core of at most LIN_CORE_MAX operations was found within a bounded effort;
 * ret_core->ops is then NULL. */
bool lin_core_find(struct lin_space *space, const struct lin_part *part,
                   const struct lin_result *res, const struct lin_stuck *stuck,
                   struct lin_core *ret_core);
void lin_core_release(struct lin_core *c);

#endif

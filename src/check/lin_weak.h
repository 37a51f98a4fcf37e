/* lin_weak.h - one part, or a whole history, against models weaker than linearizability. */
#ifndef CHECK_LIN_WEAK_H
#define CHECK_LIN_WEAK_H

#include "lin_op.h"
#include "lin_order.h"

struct lin_input;
struct lin_space;

/* What went wrong, for a sentence. */
struct lin_weak_result {
    enum lin_answer answer;
    uint64_t work;
    int32_t process; /* whose view has no order; -1: sequential consistency */
    uint32_t placed, len;
    const struct lin_op *stuck[LIN_ORDER_STUCK_MAX]; /* what does not fit after the longest try */
    uint32_t stuck_count;
};

/* Sequential consistency (Lamport 1979) of some parts together: one order of all operations, in
 * which each process's stand as it issued them, explains all answers. spaces are those of parts,
 * one each. */
void lin_sequential(struct lin_space **spaces, const struct lin_part *parts, uint32_t part_count,
                    uint64_t budget, struct lin_weak_result *ret_result);

/* Session guarantees (Terry et al. 1994), for one object. The view of a process is the mutators of
 * all and its own observers. A guarantee holds if each process's view can be ordered so that all
 * answers in it are right and
 *   read your writes     its mutators come before its later observers;
 *   monotonic reads      its observers keep their order;
 *   monotonic writes     the mutators of each process keep their order;
 *   writes follow reads  what any process saw comes before its later mutators, and its own
 *                        observers before its own later mutators.
 * "Saw" counts where the answer tells which mutator it was: a value written once, elements added
 * once. Where it does not, nothing is demanded. */
enum lin_guarantee {
    LIN_READ_YOUR_WRITES,
    LIN_MONOTONIC_READS,
    LIN_MONOTONIC_WRITES,
    LIN_WRITES_FOLLOW_READS,
    LIN_GUARANTEE_COUNT,
};

void lin_session(struct lin_space *space, const struct lin_part *part, enum lin_guarantee guarantee,
                 uint64_t budget, struct lin_weak_result *ret_result);

/* The same for a register of distinct writes without cas, in linear time. False: it is none. */
bool lin_session_zones(struct lin_space *space, const struct lin_part *part,
                       enum lin_guarantee guarantee, struct lin_weak_result *ret_result);

#endif

/* lin_decide.h - is one part linearizable? Picks the cheapest method that is exact for it. */
#ifndef CHECK_LIN_DECIDE_H
#define CHECK_LIN_DECIDE_H

#include "lin_op.h"

struct lin_input;
struct lin_space;
struct lin_stuck;

/* Prepares the part (lin_space_new) and decides. *ret_space is the caller's to free, and is NULL
 * where the method needed none; the operations are then still as the input gave them. ret_stuck
 * may be NULL; its op is LIN_NO_OP unless the answer is LIN_INVALID and a search found it. */
#define LIN_NO_OP UINT32_MAX
void lin_decide(struct lin_input *in, struct lin_part *part, uint64_t budget,
                struct lin_space **ret_space, struct lin_result *ret_result,
                struct lin_stuck *ret_stuck);

#endif

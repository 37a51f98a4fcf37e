/* lin_special.h - linearizability of histories in which every value is put in only once.
 *
 * Such a history tells which operation each answer came from, so that a few passes over it decide
 * what otherwise takes a search. Each function is exact: false means that it does not apply, and
 * then *ret_result is untouched. */
#ifndef CHECK_LIN_SPECIAL_H
#define CHECK_LIN_SPECIAL_H

#include "lin_op.h"

struct lin_input;
struct lin_space;

/* Registers of distinct writes, without cas. space: that of the part. */
bool lin_zones(const struct lin_space *space, const struct lin_part *part,
               struct lin_result *ret_result);

/* Queues of distinct values. The part is as the input gave it, not prepared. Does not apply if
 * there are both dequeues that found the queue empty and indeterminate ones. */
bool lin_queue(struct lin_input *in, const struct lin_part *part, struct lin_result *ret_result);

/* Lists of distinct appends, and sets of distinct adds that are only added to and read whole.
 * space: that of the part. */
bool lin_chain_list(struct lin_input *in, const struct lin_space *space,
                    const struct lin_part *part, struct lin_result *ret_result);
bool lin_chain_set(struct lin_input *in, const struct lin_space *space, const struct lin_part *part,
                   struct lin_result *ret_result);

/* Fills the answer and what the operations in culprits say about how far one must read. */
void lin_blame(const struct lin_part *part, struct lin_result *res, const uint32_t *culprits,
               uint32_t count);
/* Valid up to the last event. */
void lin_praise(const struct lin_part *part, struct lin_result *res);

#endif

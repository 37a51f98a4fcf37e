/* lin_order.h - can operations be put into one order that keeps some given precedences and in
 * which every answer is right? The question behind sequential consistency and the session
 * guarantees. Real time plays no part. */
#ifndef CHECK_LIN_ORDER_H
#define CHECK_LIN_ORDER_H

#include "lin_op.h"

struct lin_space;

/* What is to be ordered. Operations stand in the order in which they are tried first; one that
 * is open (ret LIN_OPEN) may be left out, and nothing may have to come after it. */
struct lin_view {
    struct lin_space **spaces; /* by object; begun untimed */
    uint32_t object_count;
    const struct lin_op **ops;
    uint32_t *object; /* by operation */
    uint32_t len;
    uint32_t *after_at; /* operation i must come before after[after_at[i]] .. [after_at[i+1] - 1] */
    uint32_t *after;
};

enum { LIN_ORDER_STUCK_MAX = 8 };

struct lin_order_result {
    enum lin_answer answer;
    uint64_t work;
    uint32_t placed;                     /* the most operations that an attempt could place */
    uint32_t stuck[LIN_ORDER_STUCK_MAX]; /* what was next there and did not fit */
    uint32_t stuck_count;
};

void lin_order_search(const struct lin_view *view, uint64_t budget,
                      struct lin_order_result *ret_result);

#endif

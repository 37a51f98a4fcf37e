/* lin_layout.h - where the just-in-time search keeps each operation: a bit or a counter. */
#ifndef CHECK_LIN_LAYOUT_H
#define CHECK_LIN_LAYOUT_H

#include "lin_op.h"

struct lin_space;

#define LIN_NO_PLACE UINT32_MAX /* an indeterminate operation that can make no difference */

struct lin_layout {
    uint32_t *place;  /* by operation: its bit among those of its sort, or its lane */
    uint32_t *expire; /* by operation: its lane is of no more use after that event */
    uint32_t words;   /* of 64 bits, for the operations that are open at one time */
    uint32_t lanes;   /* counters for indeterminate operations, always even */
};

void lin_layout_init(struct lin_layout *l, const struct lin_space *space,
                     const struct lin_part *part);
void lin_layout_release(struct lin_layout *l);

#endif

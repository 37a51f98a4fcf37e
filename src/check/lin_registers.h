/* lin_registers.h - states of a multi-register: the values of all registers in a row.
 *
 * For lin_space.c, which numbers the rows. A value is its number in the input's values. */
#ifndef CHECK_LIN_REGISTERS_H
#define CHECK_LIN_REGISTERS_H

#include "lin_op.h"

struct buf;
struct lin_input;
struct lin_registers;

/* Rewrites the a of the part's transactions: equal ones get equal numbers. */
struct lin_registers *lin_registers_new(struct lin_input *in, struct lin_part *part);
void lin_registers_free(struct lin_registers *r); /* NULL is fine */

/* How many there are, and what they hold at first; borrowed. */
const int64_t *lin_registers_start(const struct lin_registers *r, size_t *ret_count);
/* Does transaction op to row; false: it reads something else there, and row is spoilt. */
bool lin_registers_step(const struct lin_registers *r, const struct lin_op *op, int64_t *row);
/* {"x":1,"y":2} */
void lin_registers_text(const struct lin_registers *r, const int64_t *row, struct buf *out);

#endif

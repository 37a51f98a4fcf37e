/* lin_explain.h - why a part is not linearizable, for a person: few operations, few lines.
 *
 * The core is the smallest set of operations we found that contradict each other even if all
 * others could have happened at any time or not at all. So one can check the claim by hand with
 * nothing but the core in view. It is minimal (each operation in it is needed), not minimum. */
#ifndef CHECK_LIN_EXPLAIN_H
#define CHECK_LIN_EXPLAIN_H

#include "lin_op.h"

#include <jansson.h>

struct buf;
struct lin_input;
struct lin_space;
struct lin_stuck;

/* res and stuck are what lin_decide() said about part, LIN_INVALID; space what it gave, and may be
 * NULL: the part is then prepared here. Returns one sentence (mem_free) and adds to details:
 * "operations": the core. In a busy object with few values there is none as small, since whatever
 *     was read could come from many operations; then those that the method blames, or the one that
 *     fits nowhere, those still open there and the last that returned before;
 * "operations-are": "smallest", "enough" (a core that was not thinned out to the end) or "last";
 * "possible-before", "why-not": what the object could be just before the operation that fits
 *     nowhere, and why nothing can come next; at most 5 lines each;
 * "nobody-wrote": the value that a register shows although it was never written. */
char *lin_explain(struct lin_input *in, struct lin_part *part, struct lin_space *space,
                  const struct lin_result *res, const struct lin_stuck *stuck, json_t *details);

/* An operation as JSON: index, process, node, f, value, answer, invoked and completed in ns. */
json_t *lin_op_json(const struct lin_input *in, const struct lin_op *op);

/* And for a sentence, without its key: "read 2", "cas [1,2]", "acquire". */
void lin_op_text(const struct lin_input *in, const struct lin_op *op, struct buf *out);

#endif

/* lin_space.h - the states of one part's object, numbered, and what operations do to them.
 *
 * Equal states have equal numbers, so engines compare and hash them as integers. States that no
 * future operation of the part can tell apart may be one (LIN_DEAD); that makes searches short
 * and changes no verdict. */
#ifndef CHECK_LIN_SPACE_H
#define CHECK_LIN_SPACE_H

#include "lin_op.h"

struct buf;
struct lin_input;
struct lin_space;

/* Prepares a part: rewrites the a and b of its operations from values of the input into states
 * and symbols of this space. Only once a part. input is borrowed. */
struct lin_space *lin_space_new(struct lin_input *in, struct lin_part *part);
void lin_space_free(struct lin_space *s); /* NULL is fine */

/* Before a search over part, which is the space's own or a weakened copy. timed: operations will
 * be applied in order of time, and lin_space_now() says how late it is; otherwise in any order. */
void lin_space_begin(struct lin_space *s, const struct lin_part *part, bool timed);
void lin_space_now(struct lin_space *s, uint32_t event); /* all returns before it are dealt with */

/* Texts and lists refuse what no later answer bears out, so a search may be stuck long before the
 * answer that is wrong. A patient space does not look ahead: slower, for few operations, and it is
 * stuck where somebody would be who reads from the beginning. Stays until it is said again. */
bool lin_space_looks_ahead(const struct lin_space *s);
void lin_space_be_patient(struct lin_space *s, bool patient);

uint32_t lin_space_start(const struct lin_space *s);
/* The state after op in state, or LIN_REFUSED. Never LIN_REFUSED for a write. */
uint32_t lin_step(struct lin_space *s, uint32_t state, const struct lin_op *op);

/* True once the states take more memory than a search should have. */
bool lin_space_full(const struct lin_space *s);

/* How many different numbers the a of reads, writes and cas can have, where the family is
 * LIN_VALUES: all are below it. */
uint32_t lin_space_value_count(const struct lin_space *s);

/* LIN_LIST: how long the longest read is if each read is a beginning of it, else -1, and the
 * element (number of its value in the input) at a place from 0 in it. */
int64_t lin_space_path(const struct lin_space *s);
uint32_t lin_space_path_at(const struct lin_space *s, uint32_t place);
uint32_t lin_space_depth(const struct lin_space *s, uint32_t state); /* with such a path only */

/* LIN_SET: the elements of a state, sorted by the number of their value. */
const int64_t *lin_space_elements(const struct lin_space *s, uint32_t state, size_t *ret_count);

/* The values (numbers in the input) that op, an observer, certainly saw put there: the value of a
 * register unless it is the first, the elements of a list or a set. Appended to *into. */
void lin_space_seen(const struct lin_space *s, const struct lin_op *op, uint32_t **into,
                    size_t *cap, uint32_t *len);

/* The state as JSON-like text for a person, e.g. [1,2,3]; long ones are cut to about 60 bytes. */
void lin_space_text(const struct lin_space *s, uint32_t state, struct buf *out);

#endif

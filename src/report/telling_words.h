/* telling_words.h - operations, faults and bodies of messages in words, for telling.c. */
#ifndef REPORT_TELLING_WORDS_H
#define REPORT_TELLING_WORDS_H

#include "../base/str.h"

#include <stdbool.h>

struct history;
struct op;

/* "c1 asks n0 to write 3 to key 0", "c1 reads 3 from key 0", "c1 gets no answer": op is invoke or
 * its completion. */
void words_add_op(const struct history *h, const struct op *op, const struct op *invoke,
                  struct str client, struct str node, struct buf *out);

/* "a partition begins: n0 -/-> n1", "the pause of n2 ends". */
void words_add_fault(struct str kind, struct str text, bool begins, struct buf *out);

/* What a node did, after its name: "is killed". NULL: not worth telling (its first start). */
const char *words_node(struct str what);

/* A body without type, msg_id and in_reply_to, canonical; the caller's (mem_free). "" if nothing is
 * left, or it is no object. */
char *words_rest(struct str body);
/* Appends it in brackets if it is short. */
void words_add_rest(const char *rest, struct buf *out);
/* Whether a type looks like that of an answer: x_ok, x_res, x_reply, ... or error. */
bool words_is_answer(struct str type);

#endif

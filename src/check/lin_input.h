/* lin_input.h - a history cut into the parts that can be checked alone. */
#ifndef CHECK_LIN_INPUT_H
#define CHECK_LIN_INPUT_H

#include "../base/str.h"
#include "lin_op.h"

struct err;
struct history;
struct lin_model;
struct map;

/* Where a value got its number inside one part: see lin_space.c. */
struct lin_renumber {
    uint32_t part; /* 1 + the part that local belongs to */
    uint32_t local;
};

struct lin_input {
    const struct history *history; /* borrowed */
    const struct lin_model *model;
    bool keyed;
    struct map *values; /* JSON texts of arguments and answers, numbered */
    struct map *keys;
    struct lin_part *parts; /* in order of each key's first operation */
    uint32_t part_count;
    struct lin_op *ops; /* all parts' operations and events, one part after the other */
    uint32_t *events;
    struct lin_renumber *renumber; /* by value */
};

/* Reads the first len events (at most all of them); what has not completed by then is open.
 * ERR_INPUT: an operation that the model does not know, or whose value has another shape; err
 * says which event. */
int lin_input_new(const struct history *h, uint32_t len, const struct lin_model *model, bool keyed,
                  struct lin_input **ret_input, struct err *err);
/* Without its key: x of [k, x], or the whole value where there are no keys. */
struct str lin_input_object_value(const struct lin_input *in, struct str value);
void lin_input_free(struct lin_input *in); /* NULL is fine */

#endif

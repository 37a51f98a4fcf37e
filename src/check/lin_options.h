/* lin_options.h - what linearizable, sequential and session are asked alike: the object, whether
 * it has keys, what it holds at first, and how long to search.
 *
 * Options: "model", "keyed", "initial" (any JSON: the first value of a register, of each where
 * there are keys; of a multi-register also an object with the first value of each register) and
 * "budget". */
#ifndef CHECK_LIN_OPTIONS_H
#define CHECK_LIN_OPTIONS_H

#include "lin_model.h"

#include "../base/str.h"

#include <jansson.h>

struct err;

struct lin_options {
    const struct lin_model *model; /* a row of the table, or own: the struct must stay in place */
    struct lin_model own;          /* that row with another start */
    struct buf start;
    bool keyed;
    uint64_t budget;
};

/* budget: without the option. The caller releases *ret on success. ERR_INPUT: there is no such
 * model, it has no first value to choose, or the budget is none. */
int lin_options_read(const json_t *options, double budget, struct lin_options *ret,
                     struct err *err);
void lin_options_release(struct lin_options *o);

#endif

/* named_model.h - what a history can be judged as, by the name that a user gives or by a look at
 * its operations: a checker and its options. */
#ifndef CHECK_NAMED_MODEL_H
#define CHECK_NAMED_MODEL_H

#include <jansson.h>
#include <stdbool.h>

struct err;
struct history;

struct named_model {
    const char *name;    /* "cas-register" */
    const char *checker; /* "linearizable": see checker_find() */
    const char *object;  /* its option "model"; NULL: it has none */
    const char *add;     /* the option "add" of set-full; NULL */
    const char *needs;   /* a function without which there is nothing to judge; NULL: the checker
                            says itself what it cannot read */
    const char *summary; /* what operations it knows, in one line */
};

const struct named_model *named_model_at(size_t index); /* NULL: past the last */
/* Also knows the checkers' own names, and append-string for append-kv. NULL if there is none. */
const struct named_model *named_model_find(const char *name);

/* The model whose operations these are. ERR_INPUT: none, or more than one; err says which
 * operations there are. */
int named_model_guess(const struct history *h, const struct named_model **ret_model,
                      struct err *err);

/* ERR_INPUT: no client invoked what m needs, so that a verdict would mean nothing. */
int named_model_suits(const struct named_model *m, const struct history *h, struct err *err);

/* The checker's options for this history: the object, whether its values are [key, x] (*ret_keyed,
 * by a look at them), strict reads for a counter without a final phase. The caller's: json_decref
 */
json_t *named_model_options(const struct named_model *m, const struct history *h, bool *ret_keyed);

#endif

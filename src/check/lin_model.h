/* lin_model.h - the objects that histories are held against: names, operations, meanings.
 *
 * f and value are those of history.h; what is not named here is an error of the scenario. An
 * operation written "f x -> y" is invoked with x and completes with y.
 *
 *   register        read null -> v; write v; cas [from, to]. Starts as null.
 *   cas-register    Maelstrom's lin-kv: read [k, null] -> [k, v]; write [k, v]; cas [k, [from,
 * to]]. Every key is a register of its own. A failed cas says nothing. kv              get [k,
 * null] -> [k, v]; put [k, v]; cas [k, [from, to]]; delete [k, null]. A missing key is null.
 *   append-kv       get [k, null] -> [k, text]; put [k, text]; append [k, text], as in the MIT
 *                   labs. A missing key is "" (null in a get means the same).
 *   mutex           acquire; release. Only the process that holds it may release it.
 *   fenced-lock     acquire null -> token; release token. Tokens are integers; each one granted
 *                   is greater than all before. Whoever shows the token may release.
 *   queue           enqueue v; dequeue null -> v, or null if it was empty. First in, first out.
 *   set             add v; remove v (also if absent); contains v -> [v, true or false];
 *                   read null -> list of all elements, in any order, none twice.
 *   counter         add d; read null -> n. Integers; starts at 0.
 *   list            append v; read null -> list of all appended in order.
 *   multi-register  txn [[read k null] [write k v] ..] -> the same with what was read; r and w
 *                   mean read and write. All of a transaction happens at one moment. Every k
 *                   starts as null.
 *
 * An indeterminate operation that observes only is dropped. One that changes something may have
 * happened at any time since, or not at all; an indeterminate dequeue or acquire may have taken
 * whatever was there. The option keyed makes any model's values [k, x], each key its own object,
 * or those of kv, cas-register and append-kv plain x. */
#ifndef CHECK_LIN_MODEL_H
#define CHECK_LIN_MODEL_H

#include "lin_op.h"

/* How the states of a model are represented; see lin_space.c. */
enum lin_family {
    LIN_VALUES,
    LIN_TEXT,
    LIN_LIST,
    LIN_QUEUE,
    LIN_SET,
    LIN_COUNTER,
    LIN_FENCED,
    LIN_REGISTERS
};

/* How to read a function's argument x and answer y. */
enum lin_form {
    LIN_FORM_ANSWER,  /* an observation: a is y */
    LIN_FORM_ARG,     /* a is x */
    LIN_FORM_NUMBER,  /* a, b are the integer x */
    LIN_FORM_PAIR,    /* x is [a, b] */
    LIN_FORM_NULL,    /* a is null, whatever x is */
    LIN_FORM_TAKE,    /* a is y; LIN_READ of the empty state if y is null; lost: LIN_DEQUEUE_ANY */
    LIN_FORM_GRANT,   /* a, b are the integer y; lost: LIN_GRANT_ANY */
    LIN_FORM_ELEMENT, /* a is x; y is [x, b] */
    LIN_FORM_LOCK,    /* cas from free to the process */
    LIN_FORM_UNLOCK,  /* and back */
    LIN_FORM_TXN,     /* a is y, b is 1; lost: a is x, b is 0. LIN_LOOK if it writes nothing */
};

struct lin_function {
    const char *name;
    enum lin_kind kind;
    enum lin_form form;
};

enum { LIN_FUNCTIONS_MAX = 5 };

struct lin_model {
    const char *name;
    enum lin_family family;
    bool keyed;
    const char *noun;  /* "register": what sentences call the object */
    const char *start; /* LIN_VALUES, LIN_TEXT, LIN_REGISTERS: JSON text of the first state */
    struct lin_function functions[LIN_FUNCTIONS_MAX]; /* unused ones have name NULL */
};

const struct lin_model *lin_model_find(const char *name); /* NULL if there is none */
const struct lin_model *lin_model_at(size_t index);       /* NULL: past the last */

#endif

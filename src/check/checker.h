/* checker.h - the checkers by name: what a scenario may ask for, with which options.
 *
 * A checker is a pure function: a history and options in, a verdict out. It never fails on what a
 * history holds: that is its verdict's business. Each module exports its row, and checker.c lists
 * the rows: a new checker is its module and one line there. */
#ifndef CHECK_CHECKER_H
#define CHECK_CHECKER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct err;
struct history;
struct verdict;

/* What an option may be; an option that may be of several kinds combines them. */
enum {
    OPTION_FLAG = 1,   /* true or false */
    OPTION_NUMBER = 2, /* integer or real */
    OPTION_TEXT = 4,
    OPTION_TEXTS = 8,  /* a list of texts; an empty object counts as one, for Lua's sake */
    OPTION_VALUE = 16, /* any value */
};

struct checker_option {
    const char *name; /* NULL ends the list */
    unsigned kinds;
    const char *summary; /* what it does, and what holds without it */
};

struct checker {
    const char *name;                     /* as scenarios write it: "set-full" */
    const char *summary;                  /* one sentence: what it decides */
    const struct checker_option *options; /* NULL: none */
    /* options is an object whose members are known and of the right kind, or NULL for none given.
     * ERR_INPUT: an option's value makes no sense; *ret_verdict is untouched then. */
    int (*run)(const struct history *h, const json_t *options, struct verdict *ret_verdict,
               struct err *err);
    /* The same for a history that may go on: VALID_FALSE only if every continuation that run()
     * knows to judge is invalid, too. May be run itself. NULL: there is nothing of the kind. */
    int (*broken)(const struct history *h, const json_t *options, struct verdict *ret_verdict,
                  struct err *err);
};

const struct checker *checker_find(const char *name); /* NULL if there is none */
const struct checker *checker_at(size_t index);       /* in the order of the list; NULL: past it */

/* Checks options (NULL: none) against the row, then runs it; the caller releases *ret_verdict.
 * ERR_INPUT: options is no object, or an option is unknown or of the wrong kind. */
int checker_run(const struct checker *c, const struct history *h, const json_t *options,
                struct verdict *ret_verdict, struct err *err);

/* Reading checked options; what is absent or JSON null takes the fallback. */
const json_t *option_value(const json_t *options, const char *name); /* NULL if absent or null */
bool option_flag(const json_t *options, const char *name, bool fallback);
double option_number(const json_t *options, const char *name, double fallback);
const char *option_text(const json_t *options, const char *name, const char *fallback);
bool option_texts_has(const json_t *options, const char *name, const char *text);

#endif

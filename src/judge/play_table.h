/* play_table.h - what the playground offers: workloads, and the options that strangers may set.
 *
 * An option's name and meaning are those of `eddy test` (src/run/test_options.c), which also reads
 * its value; here stand its limits for programs of strangers on a machine of somebody else's, and
 * what a form needs. Every value between smallest and largest is one that `eddy test` takes. */
#ifndef JUDGE_PLAY_TABLE_H
#define JUDGE_PLAY_TABLE_H

#include "../base/str.h"

struct err;

enum {
    PLAY_OPTION_COUNT = 17,
    PLAY_VALUE_MAX = 200,        /* bytes of a value */
    PLAY_CLIENTS_MAX = 100,      /* of --concurrency, counted out */
    PLAY_OPERATIONS_MAX = 20000, /* rate times time limit; beyond, the run does not begin */
    PLAY_MESSAGES_MAX = 1000000, /* beyond, it stops */
    PLAY_REAL_SECONDS_MAX = 60,  /* likewise */
    PLAY_MEMORY_MIB = 4096,      /* of all nodes together */
};

enum play_kind {
    PLAY_INTEGER,
    PLAY_NUMBER,  /* also with a fraction: "0.5" */
    PLAY_CLIENTS, /* an integer, or one for each node: "4n" */
    PLAY_CHOICE,  /* one of choices */
    PLAY_CHOICES, /* some of them, separated by commas */
    PLAY_SWITCH,  /* "on" or "off" */
};

struct play_option {
    const char *name;  /* without dashes */
    const char *label; /* in a form */
    enum play_kind kind;
    const char *unit;    /* of a number: "s", "ms", "a second" or "" */
    const char *initial; /* where nothing is said; "": left to `eddy test` */
    double smallest, largest;
    const char *choices;   /* separated by commas */
    const char *workloads; /* likewise: which it is for; "": all */
    const char *sentence;
};

/* In the order of a form. */
extern const struct play_option play_options[PLAY_OPTION_COUNT];
const char *play_kind_name(enum play_kind kind); /* "integer", ... */

/* The option's place, or -1. */
int play_option_find(struct str name);
bool play_option_is_for(const struct play_option *o, const char *workload);
/* ERR_INPUT: what the value must be. "" is fine: nothing is said. */
int play_option_check(const struct play_option *o, struct str value, struct err *err);

/* True, and the next word of a list with commas; *at moves behind it. */
bool play_list_next(const char **at, struct str *ret_word);

/* ---- workloads ---- */

struct play_workload {
    const char *path; /* "workloads/echo.lua" */
    struct str name, summary, text;
};

/* In the order of their names; false behind the last. */
bool play_workload_at(uint32_t index, struct play_workload *ret_workload);
/* The program of kits/NAME/workloads that is there for it: "g-counter" does for pn-counter, too. */
const char *play_workload_program(const char *workload);
/* False: there is none of this name. */
bool play_workload_find(struct str name, struct play_workload *ret_workload);

#endif

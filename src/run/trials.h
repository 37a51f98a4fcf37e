/* trials.h - candidates that are really run, several at a time, and what came of each.
 *
 * A candidate fails in the same way if its run is invalid with the same kind of failure
 * (failure.h). What was run once is remembered. A run that takes far longer than the first one is
 * given up. */
#ifndef RUN_TRIALS_H
#define RUN_TRIALS_H

#include "../check/verdict.h"
#include "run.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct trials;

struct trial {
    bool same;   /* it failed in the same way */
    bool broken; /* there is no verdict: it could not be run, or took too long */
    enum valid valid;
    char *kind;        /* of its failure; "" if it is valid */
    char *sentence;    /* likewise */
    json_t *decisions; /* recorded, if it was the same: what really happened; else NULL */
    json_t *evidence;  /* likewise: [[time of invocation, process], ...] of what checkers name */
    char digest[DIGEST_TEXT_SIZE];
    int64_t end_ns; /* on the run's clock */
    uint64_t messages;
    bool is_task; /* the scenario is one */
};

struct trials_config {
    const struct run_config *base;
    uint32_t jobs;
    bool pin;
    const char *dir;     /* an existing folder for the runs' own ones, which go with each run */
    int64_t deadline_ns; /* CLOCK_MONOTONIC; afterwards nothing begins. 0: none */
    void *owner;
    void (*progress)(void *owner, uint64_t tried); /* some times a second; may be NULL */
};

struct trials *trials_new(const struct trials_config *config);
void trials_free(struct trials *t); /* NULL is fine */

/* What is to count as the same. Copied. */
void trials_expect(struct trials *t, const char *kind);
void trials_set_deadline(struct trials *t, int64_t deadline_ns);

/* Candidates in the order of preference: the place of the first that fails in the same way,
 * whatever the others would do; -1: none does, or there was no time to find out. */
int trials_first(struct trials *t, json_t *const *candidates, uint32_t count);
/* What is known of a candidate that was run; borrowed until the next call. NULL: nothing. */
const struct trial *trials_known(const struct trials *t, const json_t *candidate);

/* Runs all of them that are not known. False if there was not time enough. */
bool trials_all(struct trials *t, json_t *const *candidates, uint32_t count);
/* Runs one candidate so many times, known or not, and gives how often it failed in the same way;
 * *ret_ran of them came to an end. */
uint32_t trials_repeat(struct trials *t, json_t *candidate, uint32_t count, uint32_t *ret_ran);
/* The run as it was, without decisions, recorded: 0 and its trial (trial_release), or negative. */
int trials_record(struct trials *t, struct trial *ret_trial, struct err *err);
void trial_release(struct trial *trial);

uint64_t trials_count(const struct trials *t); /* runs begun so far */
bool trials_over(const struct trials *t);      /* no time left, or a signal asked us to stop */

#endif

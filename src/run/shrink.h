/* shrink.h - the smallest run that still fails in the same way.
 *
 * A run is recorded as decisions (decisions.h). Whatever is left out, what remains is really run,
 * and counts only if it fails with the same kind of failure (failure.h). In passes, again and again
 * until nothing more can go: faults, operations, what became of single messages, last operations,
 * nodes and clients, time, values.
 *
 * With enough time the result is minimal in this sense: without any single operation, fault or
 * message that was not calm, the run does not fail in that way. A smaller run of another shape may
 * exist. */
#ifndef RUN_SHRINK_H
#define RUN_SHRINK_H

#include "../check/verdict.h"
#include "candidate.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct run_config;

enum { SHRINK_REPEATS = 20 };

struct shrink_progress {
    const char *pass; /* what is being tried: "operations", "faults", ... */
    uint64_t tried;
    struct candidate_size size; /* so far */
};

struct shrink_config {
    const struct run_config *run; /* as it was recorded; dir and logs do not count */
    const char *digest;           /* of its journal, to see whether it repeats; NULL: not known */
    const char *verdict;          /* in words, of its record */
    uint32_t jobs;
    int64_t budget_ns; /* for all; some of it is kept for the tests of the result */
    const char *dir;   /* an existing folder; empty again afterwards */
    void *owner;
    void (*progress)(void *owner, const struct shrink_progress *p); /* may be NULL */
};

/* What came of the run without one of its decisions. */
struct shrink_without {
    const char *list; /* "operations", "faults", "messages" */
    uint32_t place;   /* there */
    bool ran;         /* false: not tested, there was no time */
    bool broken;      /* it could not be run to an end */
    enum valid valid;
    char *kind; /* of its failure, if it fails otherwise */
};

struct shrink_result {
    json_t *candidate; /* the smallest found */
    char *kind;        /* of the failure, as of failure_kind() */
    char *sentence;    /* why it failed, of the smallest */
    struct candidate_size before, after;
    uint64_t before_messages, after_messages; /* sent in all */
    int64_t before_end_ns, after_end_ns;
    uint64_t tried;               /* runs */
    int64_t cpu_ns;               /* of ours and of the programs that were waited for */
    bool stopped;                 /* by Ctrl-C */
    bool late;                    /* the budget was over before the last pass was */
    bool drifts;                  /* the program draws on something besides its seed */
    bool fail_fast;               /* its run ends at the first certain violation */
    bool calm;                    /* no message was lost, late or doubled any more */
    uint32_t reproduced, repeats; /* so many of so many runs of the result failed in the same way */
    struct shrink_without *without;
    uint32_t without_count;
};

/* 0 and a result (shrink_result_release), also when it was stopped or late. ERR_INPUT: the run
 * cannot be made smaller, and why: it is valid, on the real clock, or does not fail again.
 * ERR_STOPPED: before there was anything to show. */
int shrink_run(const struct shrink_config *config, struct shrink_result *ret_result,
               struct err *err);
void shrink_result_release(struct shrink_result *r);

#endif

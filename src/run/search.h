/* search.h - many seeds, each a run in a process of its own, several at a time.
 *
 * The caller says what the run of a seed is; search forks, pins each process to a processor of its
 * own, and collects what comes back. A run that is unknown only since a function never succeeded in
 * it is valid in the end if that function succeeded in another. Nothing of a worker's is shared:
 * one that crashes costs its seed only, and says so. Failures are the caller's to run again
 * (failure.h has them by kind). Leaves no process behind, and in dir only what a worker left that
 * was killed. */
#ifndef RUN_SEARCH_H
#define RUN_SEARCH_H

#include "failure.h"

#include <stdbool.h>
#include <stdint.h>

struct err;

struct search_progress {
    uint64_t count; /* of seeds asked for */
    uint64_t done, valid, invalid, unknown;
    uint64_t message_count;
    int64_t virtual_ns; /* sum of the runs' lengths */
    int64_t elapsed_ns; /* real time so far */
};

struct search_config {
    uint64_t first_seed;
    uint64_t count;
    uint32_t jobs;   /* 1 and up */
    bool pin;        /* each worker to one processor; no good on the real clock */
    bool keep_going; /* else no run begins after one that is not valid */
    const char *dir; /* an existing folder; each run has one in it while it goes on */
    void *owner;
    /* In a worker: the run of this seed, in dir, and its kind of failure appended to kind if it is
     * not valid. Status as of run_execute(). */
    int (*run)(void *owner, uint64_t seed, const char *dir, struct run_result **ret_result,
               struct buf *kind, struct err *err);
    /* In the caller's process: after each run, and some times a second. May be NULL. */
    void (*progress)(void *owner, const struct search_progress *p);
};

struct search_result {
    struct search_progress progress;
    struct failure_groups failures;
    bool stopped; /* by Ctrl-C or the like */
};

/* How many processors this process may use. */
uint32_t search_processors(void);

/* 0 and a result (search_result_release), also when it was stopped. Negative: a run could not be
 * had; the sentence names its seed. */
int search_run(const struct search_config *config, struct search_result *ret_result,
               struct err *err);
void search_result_release(struct search_result *r);

#endif

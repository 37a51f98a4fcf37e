/* errands.h - what the jobs of the queue are for, in words for people.
 *
 * The queue (jobs.h) does not know what it carries. This tells, of the jobs that jobs_list() tells,
 * which submission or which run of the playground each one judges. */
#ifndef JUDGE_ERRANDS_H
#define JUDGE_ERRANDS_H

#include "jobs.h"
#include "plays.h"
#include "submission.h"

struct errand {
    int64_t job;
    int64_t handin; /* of handins.h; 0: it judges none */
    char kind[8];   /* of it: "run", "submit"; else "" */
    char track[SUBMISSION_WORD_MAX + 1], task[SUBMISSION_WORD_MAX + 1]; /* of it; else "" */
    char language[SUBMISSION_WORD_MAX + 1];
    char play[PLAYS_ADDRESS_LEN + 1]; /* the address of a run (plays.h); else "" */
};

/* Of the same jobs as jobs_list() with this state and limit, in the same order. What is told is
 * borrowed. A job without either, such as one that another has replaced, is told with its language
 * alone. How many, or ERR_AWAY, ERR_MACHINE. */
int errands_list(struct jobs *q, enum job_state state, uint32_t limit,
                 void (*each)(void *owner, const struct errand *e), void *owner, struct err *err);

#endif

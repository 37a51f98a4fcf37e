/* plays.h - runs of the playground, by the addresses under which they are found.
 *
 * An address is 22 letters and digits of chance, more than anybody can guess; whoever has it may
 * see the run, so it can be shared. What was asked and what came of it is the job's (jobs.h). */
#ifndef JUDGE_PLAYS_H
#define JUDGE_PLAYS_H

#include "../base/str.h"

struct err;
struct jobs;
struct play;
struct store;

enum { PLAYS_ADDRESS_LEN = 22 };

struct plays_wish {
    int64_t person;      /* who asks */
    const char *learner; /* the same for the queue, as in struct job_spec */
    const struct play *play;
};

/* Puts the run into the queue. ERR_FULL: so many of this learner wait already; ERR_AWAY,
 * ERR_MACHINE. */
int plays_put(struct store *store, struct jobs *queue, const struct plays_wish *wish,
              char ret_address[PLAYS_ADDRESS_LEN + 1], struct err *err);

struct plays_found {
    int64_t job, person;
    bool has_report;    /* a file "report.html" came with its result and is still there */
    struct buf payload; /* play_text() of what was asked; the caller's */
};

/* 1, or 0: there is none. ERR_AWAY, ERR_MACHINE. */
int plays_find(struct store *store, struct str address, struct plays_found *ret_found,
               struct err *err);

#endif

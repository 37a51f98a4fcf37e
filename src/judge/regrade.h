/* regrade.h - after a mistake in a grader: what was handed in for a task is judged again.
 *
 * Of each person the newest submission that is over gets a new job, behind everything that learners
 * wait for (JOB_REGRADE); the hand-in is open again until that one is over, and then has the new
 * verdict. It is the same attempt as before, grades have the old verdict until then, and a task
 * that was passed once stays passed, since when it was (law 4 of handins.h). Looks (HANDIN_RUN) and
 * what was cancelled are left alone. Killed in between, it has done a part; it may be begun anew at
 * any time, and what waits already is not put in twice. */
#ifndef JUDGE_REGRADE_H
#define JUDGE_REGRADE_H

#include <stdint.h>

struct err;
struct jobs;

/* How many were put in, or negative (jobs.h). */
int regrade_task(struct jobs *q, const char *track, const char *task, struct err *err);

#endif

/* judge_job.h - what `eddy worker` does with a job: its payload is the text of a submission, or of
 * a run of the playground. */
#ifndef JUDGE_JUDGE_JOB_H
#define JUDGE_JUDGE_JOB_H

#include <stdint.h>

struct err;
struct job;
struct job_voice;
struct workshop;

struct judge_job {
    const struct workshop *workshop;
    unsigned runs; /* at a time, of one job; 1 and up */
};

/* For worker_config.judge; owner is a struct judge_job. A payload that is neither, or one
 * that nobody can judge, is done with a result that says "not judged"; what only this machine
 * cannot do is a status, and the job is tried again. */
int judge_job(const struct job *job, struct job_voice *voice, void *owner, struct err *err);
/* For worker_config.cache_bytes, with the same owner. */
int64_t judge_job_cache_bytes(void *owner);

#endif

/* worker.h - takes jobs from the queue and has them judged, each in a process of its own.
 *
 * The parent holds the connection, beats for all that runs, passes on what the children say, and
 * never looks into a payload. A child that crashes costs its own job one attempt. Nothing of a
 * worker's is left when it is gone: children die with it, and the next life sweeps the scratch
 * folder and gives back the leases.
 *
 * SIGTERM: takes nothing new and ends when all that runs is judged. A second one: kills what runs
 * and gives it back. Survives restarts of the database. */
#ifndef JUDGE_WORKER_H
#define JUDGE_WORKER_H

#include "../base/str.h"
#include "jobs.h"

#include <stdio.h>

struct err;

/* How the judging process speaks. Both may be called with any text of UTF-8 without 0 bytes. */
struct job_voice;
void job_voice_event(struct job_voice *v, struct str text);  /* for those who watch */
void job_voice_result(struct job_voice *v, struct str text); /* once; the job is done by it */
/* A file to be had beside the result; before it. What is no UTF-8 or above JOB_FILE_MAX is dropped.
 */
void job_voice_file(struct job_voice *v, const char *name, struct str text);
/* A folder of this job's alone, empty at first; removed when the job has ended. */
const char *job_voice_folder(const struct job_voice *v);

struct worker_config {
    const char *db;     /* as of jobs_open() */
    const char *folder; /* the worker's own: scratch folders and what it must remember; made if it
                           is not there. One worker a folder */
    const char *name;   /* for people; NULL: the host's */
    const char *offers; /* as of jobs_config */
    /* What the list of workers says of it (machines.h). sandbox NULL: it is not listed. */
    const char *sandbox, *tools;
    int64_t (*cache_bytes)(void *owner); /* may be NULL */
    uint32_t jobs;                       /* at a time; 1 and up */
    int64_t lease_ms;                    /* 0: as of jobs_config, likewise the next two */
    uint32_t attempts_max;
    uint32_t running_max;
    int64_t back_off_ms;
    int64_t patience_ms; /* a job that takes longer is killed and has failed; 0: 15 min */
    int64_t poll_ms;     /* how often to look without a hint; 0: 2000, SQLite 200 */
    /* Runs in a child process. 0: the result was given. Negative, with err: it is not to be had
     * here and now (our fault or the machine's); the job is tried again, then not judged. */
    int (*judge)(const struct job *job, struct job_voice *voice, void *owner, struct err *err);
    void *owner; /* of judge and cache_bytes */
    FILE *log;   /* a line for each thing of note; NULL: none */
};

/* Until SIGTERM or SIGINT. 0: drained in order. ERR_INPUT, ERR_MACHINE, ERR_AWAY: could not begin;
 * a worker that has begun ends only by a signal, or with ERR_INPUT when a newer eddy has changed
 * the database. */
int worker_run(const struct worker_config *config, struct err *err);

#endif

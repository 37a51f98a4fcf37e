/* life.h - a worker's folder, and what a worker must know of the one before it.
 *
 *     FOLDER/lock      held while the worker or one of its children lives
 *     FOLDER/life      the name under which this life takes jobs
 *     FOLDER/job-7-2   scratch of job 7, fence 2
 *
 * A worker that was killed leaves its name behind: the next one in the folder gives back at once
 * what that name holds, instead of waiting until the leases end, and removes its scratch folders.
 * The lock makes sure that the former life is over, to the last of its children. */
#ifndef JUDGE_LIFE_H
#define JUDGE_LIFE_H

#include <stdint.h>

struct err;
struct job;

struct life {
    char *folder;
    char *name;   /* of this life: NAME/RANDOM; shared with nobody */
    char *former; /* of the one before, or "" */
    int lock_fd;
};

/* Makes the folder if need be, waits at most 3 s for a former life to end, and removes its scratch
 * folders. ERR_INPUT: a living worker has the folder; ERR_MACHINE. */
int life_begin(const char *folder, const char *name, struct life *ret_life, struct err *err);
/* From now on the next life hears of this one; to be called before the first job is taken. */
int life_note(const struct life *l, struct err *err);
void life_end(struct life *l); /* all zero is fine */

/* A scratch folder, empty; its path is the caller's (mem_free). NULL and err if it cannot be. */
char *life_scratch(const struct life *l, const struct job *job, struct err *err);

#endif

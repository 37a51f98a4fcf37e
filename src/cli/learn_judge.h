/* learn_judge.h - one check of a learner's program: built, graded, told, remembered. Shared by
 * `check` and `watch`. */
#ifndef CLI_LEARN_JUDGE_H
#define CLI_LEARN_JUDGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct learn;
struct sandbox_spec;
struct task;

struct judge_request {
    uint64_t seed;  /* the first */
    uint32_t seeds; /* 0: as many as the task says */
    uint32_t jobs;
    bool json;                          /* nothing is printed; see ret_json */
    const struct sandbox_spec *sandbox; /* of each node; NULL: none */
};

enum judge_verdict { JUDGE_PASSED, JUDGE_FAILED, JUDGE_NOT_BUILT };

/* Two checks in one folder would build over each other: waits until no other is at work there. The
 * lock is *ret_fd until judge_unlock(), or the end of the process. ERR_STOPPED: Ctrl-C. */
int judge_lock(const struct learn *l, int *ret_fd, struct err *err);
void judge_unlock(int fd); /* -1 is fine */

/* Builds the program of the folder. *ret_built; if not, what the compiler said is printed. */
int judge_build(const struct learn *l, const struct judge_request *r, bool *ret_built,
                char **ret_text, struct err *err);

/* Grades the program, which is built, against a task; prints; writes progress. With r->json,
 * *ret_json is the result (the caller's), else untouched. */
int judge_task(struct learn *l, const struct judge_request *r, const struct task *task,
               enum judge_verdict *ret_verdict, json_t **ret_json, struct err *err);

/* Remembers a build that failed as an attempt. */
int judge_not_built(const struct learn *l, const struct task *task, struct err *err);

/* Makes the first task behind those that were passed here the one that comes next. */
int judge_move_on(struct learn *l, struct err *err);

#endif

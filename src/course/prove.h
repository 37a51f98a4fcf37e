/* prove.h - the proof that a task's grader is right: the reference passes, and each mistake fails.
 *
 * The reference must pass on all seeds. A mistake must apply, build, and fail in the step that its
 * patch names, on the first of these seeds on which it fails at all; failing in another step there,
 * or not at all, is no catch. Each of these is a piece of work in a process of its own. */
#ifndef COURSE_PROVE_H
#define COURSE_PROVE_H

#include <stdbool.h>
#include <stdint.h>

struct err;
struct languages;
struct mistake;
struct mistakes;
struct task;
struct track;

struct prove_config {
    const struct track *track;
    const struct task *only; /* NULL: all tasks */
    const struct mistakes *mistakes;
    const struct languages *languages;
    uint32_t seeds, jobs;
    const char *dir; /* an existing folder, for copies and programs */
    void *owner;
    void (*progress)(void *owner, uint32_t done, uint32_t count); /* may be NULL */
};

/* What became of the reference in one task. */
struct prove_reference {
    const struct task *task;
    bool done; /* it was graded; else text says why not */
    uint32_t seeds_passed;
    char *text; /* NULL if it passed: else what happened */
    int64_t took_ns;
};

struct prove_mistake {
    const struct mistake *mistake;
    bool caught;
    uint64_t seed; /* on which, if it was caught */
    char *text;    /* NULL if it was caught: else why not */
    int64_t took_ns;
};

struct prove_result {
    char *build_text; /* why there is no reference to grade, and nothing was done; else NULL */
    struct prove_reference *references;
    uint32_t reference_count;
    struct prove_mistake *mistakes;
    uint32_t mistake_count;
    int64_t took_ns;
};

/* 0 and a result (prove_result_release), also where the author got something wrong. ERR_MACHINE,
 * ERR_STOPPED. */
int prove_run(const struct prove_config *config, struct prove_result *ret_result, struct err *err);
void prove_result_release(struct prove_result *r);

#endif

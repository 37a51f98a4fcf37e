/* grade.h - one grading: a program against a task, part by part, on several seeds.
 *
 * Each part with each seed is a run in a process of its own, some at a time. The first failure in
 * the order of the grading is the one that is reported, however many processes there are, so that
 * the same program gets the same answer. Runs are in virtual time; where that cannot be had, there
 * is no grading (ERR_MACHINE), since a slow machine must not fail anybody. */
#ifndef COURSE_GRADE_H
#define COURSE_GRADE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct buf;
struct err;
struct sandbox_spec;
struct task;

enum {
    GRADE_SEEDS_MAX = 1000,
    /* Of real time. A run that takes longer fails, unless it had less than half of a processor in
     * that time: then the machine was too busy to say. */
    GRADE_RUN_SECONDS_MAX = 90,
    GRADE_LOG_LINES_MAX = 12, /* of the log's end that are shown */
};

enum grade_order {
    GRADE_BY_PART, /* all seeds of the first part, then the second part: for learners */
    GRADE_BY_SEED, /* all parts of the first seed, then the second seed: finds mistakes sooner */
};

struct grade_config {
    const struct task *task;
    const char *program; /* absolute */
    uint64_t first_seed; /* as people type it; runs use grade_seed() of it */
    uint32_t seeds;      /* so many from there on; 0: as many as the task says */
    uint32_t jobs;       /* 1 and up */
    enum grade_order order;
    const struct sandbox_spec *sandbox; /* of each node, as run_config.sandbox; NULL: none */
    const char *dir; /* an existing folder; each run has one in it while it goes on */
    /* Where the files of one run are to stay, with report.html: of the first failure, or of the
     * last part's first seed. It is replaced whole. NULL: none are kept. */
    const char *keep;
    void *owner;
    /* What to type to have the run of this seed again; for its report. May be NULL. */
    void (*command)(void *owner, uint64_t seed, struct buf *out);
    /* After each run, and some times a second. May be NULL. */
    void (*progress)(void *owner, uint32_t done, uint32_t count);
    /* After each run: what came of it, its steps as results.h has them. part: "" if there is one
     * only. May be NULL. */
    void (*seen)(void *owner, uint64_t seed, const char *part, const json_t *steps);
};

/* A step of a part, over all seeds. */
struct grade_step {
    char *part; /* "" if the task has one part only */
    char *name;
    uint32_t passed;        /* on so many seeds */
    int64_t from_ns, to_ns; /* of the first seed that came to it; virtual */
};

struct grade_failure {
    uint64_t seed;
    char *part;
    char *step;
    json_t
        *failure;  /* what, expected, seen, at-ns, node, messages, evidence: as results.h has it */
    json_t *log;   /* the last lines of the node's stderr */
    char *node;    /* whose log it is */
    json_t *limit; /* of the sandbox that was passed (results_limit); null if none was */
};

struct grade_result {
    bool passed;
    uint32_t seeds, part_count;
    uint32_t run_count;    /* that were done */
    uint32_t seeds_passed; /* with all parts */
    struct grade_step *steps;
    uint32_t step_count;
    size_t step_cap;
    struct grade_failure failure; /* all NULL if passed */
    bool kept;                    /* there is a report in the folder `keep` */
    int64_t virtual_ns;           /* sum of the runs' lengths */
    uint64_t message_count;
    int64_t took_ns;
};

/* 0 and a result (grade_result_release). ERR_INPUT: the scenario is broken, or the program cannot
 * be started; ERR_MACHINE: no virtual clock, no processes, no
 * time on a busy machine; ERR_STOPPED: Ctrl-C. */
int grade_run(const struct grade_config *config, struct grade_result *ret_result, struct err *err);
void grade_result_release(struct grade_result *r);

/* The seed of a run: of its own for each task, and easy to find again. */
uint64_t grade_seed(const struct task *task, uint64_t seed);

#endif

/* task_run.h - eddy test --scenario FILE: the parts of a task, one after the other. */
#ifndef CLI_TASK_RUN_H
#define CLI_TASK_RUN_H

#include <stdint.h>

struct err;
struct test_options;

/* Runs them until one does not pass, and prints each. words: of the command line, to have it again.
 * An exit status of commands.h, or negative: ERR_INPUT, ERR_MACHINE. */
int task_run(const struct test_options *o, const char *program, uint64_t seed, char *const *words,
             struct err *err);

#endif

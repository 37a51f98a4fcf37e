/* command.h - runs a command of the shell to its end, with a limit on its time and its output.
 *
 * For compilers, patch and the like; nodes of a cluster are the cage's. Never waits longer than the
 * limit: then the command and all of its process group are killed, as they are when it ends and
 * leaves something behind. Ctrl-C ends it too. */
#ifndef COURSE_COMMAND_H
#define COURSE_COMMAND_H

#include "../base/str.h"

#include <sys/types.h>

struct err;

struct command {
    const char *shell; /* what `sh -c` gets */
    const char *dir;   /* where it runs; NULL: here */
    int64_t limit_ns;
    size_t output_max; /* bytes of stdout and stderr that are kept: the first ones */
};

struct command_result {
    int code;          /* exit status; -1: a signal ended it */
    int signal;        /* that signal, or 0 */
    bool timed_out;    /* the limit was over */
    bool cut;          /* there was more output than was kept */
    struct buf output; /* stdout and stderr together, as they came */
    int64_t took_ns;
};

/* ERR_MACHINE: no process could be had. ERR_STOPPED: Ctrl-C. How the command ended is no error. */
int command_run(const struct command *c, struct command_result *ret_result, struct err *err);
void command_result_release(struct command_result *r);

#endif

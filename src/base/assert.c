#include "assert.h"

#include <stdio.h>
#include <stdlib.h>

/* One word of process-wide state: a failed assertion has no caller that could pass it. */
static const char *replay_command;

void assert_set_replay(const char *command)
{
    replay_command = command;
}

_Noreturn void assert_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "eddy: a bug in eddy itself: %s:%d: not true: %s\n", file, line, condition);
    if (replay_command != NULL)
        fprintf(stderr, "eddy: please report it with this command: %s\n", replay_command);
    abort();
}

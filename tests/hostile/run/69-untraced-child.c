/* A child that no tracer sees would live in real time. */
#include "hostile.h"

void attack(void)
{
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    TRY(pid > 0);
}

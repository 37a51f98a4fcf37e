#include "hostile.h"

void attack(void)
{
    uint64_t args[11] = {CLONE_NEWUSER};

    TRY(unshare(CLONE_NEWUSER) == 0);
    TRY(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) >= 0);
    errno = 0;
    TRY(syscall(435, args, sizeof(args)) >= 0 || errno != ENOSYS); /* clone3: C libraries fall back */
}

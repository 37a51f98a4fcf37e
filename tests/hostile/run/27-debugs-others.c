#include "hostile.h"

#include <sys/uio.h>

void attack(void)
{
    char byte;
    struct iovec ours = {&byte, 1}, theirs = {(void *)&byte, 1};

    TRY(ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0);
    TRY(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
    TRY(process_vm_readv(getppid(), &ours, 1, &theirs, 1, 0) > 0);
    TRY(process_vm_writev(getpid(), &ours, 1, &theirs, 1, 0) > 0);
    TRY(syscall(438, syscall(434, getpid(), 0), 0, 0) >= 0); /* pidfd_getfd(pidfd_open()) */
}

#include "hostile.h"

void attack(void)
{
    char space[256] = {0};

    TRY(syscall(425, 4, space) >= 0 || errno == EFAULT || errno == EINVAL); /* io_uring_setup */
    TRY(syscall(SYS_userfaultfd, 0) >= 0);
    TRY(syscall(SYS_bpf, 0, space, 72) >= 0);
    TRY(syscall(SYS_perf_event_open, space, 0, -1, -1, 0) >= 0);
    TRY(syscall(SYS_fanotify_init, 0, 0) >= 0);
    TRY(syscall(SYS_open_by_handle_at, AT_FDCWD, space, 0) >= 0);
    TRY(syscall(SYS_quotactl, 0, "/dev/vda", 0, space) >= 0);
    TRY(syscall(SYS_acct, "/tmp/x") >= 0);
    TRY(syscall(SYS_kexec_load, 0, 0, NULL, 0) >= 0);
    TRY(syscall(SYS_init_module, space, 0, "") >= 0);
    TRY(syscall(SYS_swapon, "/tmp/x", 0) >= 0);
    TRY(syscall(SYS_iopl, 3) >= 0);
    TRY(syscall(SYS_syslog, 3, space, sizeof(space)) >= 0);
}

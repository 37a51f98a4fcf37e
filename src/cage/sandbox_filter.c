/* What a program may ask the kernel for. Two lists, because the risks differ:
 *
 *   run      only what is listed works; all else is ENOSYS, so that a newer C library falls back
 *            to the calls it used before. The run-times of our languages ask for 66 different
 *            calls between them; the list has some 200.
 *   compile  compilers come from the operator and ask for more; what could reach out of the
 *            sandbox, or opens a part of the kernel with a record of holes, is denied. A list of
 *            what is forbidden grows old, so calls newer than the list do not exist either.
 *
 * Both: calls of another architecture end the process, as do those of x32; threads and processes
 * are made with clone, whose flags can be read, so clone3, whose flags cannot, does not exist;
 * sockets are of the families that the sandbox has.
 *
 * A child that no tracer sees (CLONE_UNTRACED) would live outside of virtual time: refused.
 * fallocate of a run is "not supported here": whole gigabytes of the machine's disk in a moment,
 * which nobody could look at in time (sandbox_disk.c). The C library writes instead.
 *
 * File locks of a run succeed without effect. They are kept with the file, and the files of /usr
 * are the same for all nodes: a lock would be a message past the simulated network. Refusing them
 * was tried: SQLite and the JVM do not start, while nobody but the node itself can see its files.
 *
 * The virtual clock has a filter of its own (vt_filter.c). The kernel asks both and takes the
 * stricter answer: ours denies before the other holds the thread for the tracer, and what the
 * tracer lets through, or asks in the program's name, must be on our list as well. */
#include "sandbox_parts.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    FILTER_LEN_MAX = 1200,
    LAST_KNOWN = 462, /* mseal: the newest call that the denying list has been held against */
    X32 = 0x40000000,
    NAMESPACES = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                 CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_NEWTIME,
};

struct sandbox_filter {
    struct sock_filter code[FILTER_LEN_MAX];
    unsigned short len;
};

#define SUCCEED SECCOMP_RET_ERRNO /* with errno 0: done, without doing it */

static const uint32_t run_allowed[] = {
    /* files */
    SYS_read,
    SYS_write,
    SYS_open,
    SYS_close,
    SYS_stat,
    SYS_fstat,
    SYS_lstat,
    SYS_lseek,
    SYS_pread64,
    SYS_pwrite64,
    SYS_readv,
    SYS_writev,
    SYS_preadv,
    SYS_pwritev,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_access,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_openat,
    SYS_creat,
    SYS_newfstatat,
    SYS_statx,
    SYS_statfs,
    SYS_fstatfs,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync,
    SYS_syncfs,
    SYS_sync_file_range,
    SYS_truncate,
    SYS_ftruncate,
    SYS_fadvise64,
    SYS_readahead,
    SYS_getdents,
    SYS_getdents64,
    SYS_getcwd,
    SYS_chdir,
    SYS_fchdir,
    SYS_rename,
    SYS_renameat,
    SYS_renameat2,
    SYS_mkdir,
    SYS_mkdirat,
    SYS_rmdir,
    SYS_link,
    SYS_linkat,
    SYS_unlink,
    SYS_unlinkat,
    SYS_symlink,
    SYS_symlinkat,
    SYS_readlink,
    SYS_readlinkat,
    SYS_umask,
    SYS_utime,
    SYS_utimes,
    SYS_utimensat,
    SYS_futimesat,
    SYS_copy_file_range,
    SYS_sendfile,
    SYS_splice,
    SYS_tee,
    SYS_memfd_create,
    /* descriptors */
    SYS_dup,
    SYS_dup2,
    SYS_dup3,
    SYS_pipe,
    SYS_pipe2,
    SYS_poll,
    SYS_ppoll,
    SYS_select,
    SYS_pselect6,
    SYS_epoll_create,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_wait,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_eventfd,
    SYS_eventfd2,
    SYS_signalfd,
    SYS_signalfd4,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_close_range,
    /* sockets: their families are looked at when they are made */
    SYS_connect,
    SYS_accept,
    SYS_accept4,
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_shutdown,
    SYS_bind,
    SYS_listen,
    SYS_getsockname,
    SYS_getpeername,
    SYS_setsockopt,
    SYS_getsockopt,
    /* memory */
    SYS_mmap,
    SYS_mprotect,
    SYS_munmap,
    SYS_brk,
    SYS_mremap,
    SYS_msync,
    SYS_mincore,
    SYS_madvise,
    SYS_membarrier,
    /* processes and threads */
    SYS_fork,
    SYS_vfork,
    SYS_execve,
    SYS_execveat,
    SYS_exit,
    SYS_exit_group,
    SYS_wait4,
    SYS_waitid,
    SYS_getpid,
    SYS_getppid,
    SYS_gettid,
    SYS_getpgid,
    SYS_getpgrp,
    SYS_getsid,
    SYS_setpgid,
    SYS_setsid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getgroups,
    SYS_arch_prctl,
    SYS_set_tid_address,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_sched_get_priority_max,
    SYS_sched_get_priority_min,
    SYS_sched_rr_get_interval,
    SYS_getpriority,
    SYS_getcpu,
    SYS_pidfd_open,
    SYS_prlimit64,
    SYS_getrlimit,
    SYS_setrlimit,
    SYS_capget,
    /* signals: they reach the node's own processes */
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigpending,
    SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_sigaltstack,
    SYS_kill,
    SYS_tkill,
    SYS_tgkill,
    SYS_pidfd_send_signal,
    SYS_pause,
    SYS_restart_syscall,
    /* time and the machine */
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_time,
    SYS_times,
    SYS_alarm,
    SYS_getitimer,
    SYS_setitimer,
    SYS_timer_create,
    SYS_timer_settime,
    SYS_timer_gettime,
    SYS_timer_getoverrun,
    SYS_timer_delete,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrusage,
    SYS_getrandom,
};

/* Programs and libraries expect "you may not" of these rather than "there is no such call". */
static const uint32_t run_refused[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_setuid,
    SYS_setgid,
    SYS_setreuid,
    SYS_setregid,
    SYS_setresuid,
    SYS_setresgid,
    SYS_setgroups,
    SYS_setfsuid,
    SYS_setfsgid,
    SYS_capset,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    SYS_mknod,
    SYS_mknodat,
    SYS_chown,
    SYS_fchown,
    SYS_lchown,
    SYS_fchownat,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_setpriority,
    SYS_sched_setscheduler,
    SYS_sched_setparam,
    SYS_sched_setattr,
    SYS_sched_setaffinity,
    SYS_ioprio_set,
    SYS_mlock,
    SYS_mlock2,
    SYS_mlockall,
    SYS_clock_settime,
    SYS_settimeofday,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_syslog,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_acct,
    SYS_quotactl,
    SYS_iopl,
    SYS_ioperm,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_fanotify_init,
    SYS_vhangup,
    SYS_seccomp,
};

/* fsopen and its family stand as numbers: the C library's header may be older than they are. */
static const uint32_t compile_denied[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_setns,
    SYS_unshare,
    428 /* open_tree */,
    429 /* move_mount */,
    430 /* fsopen */,
    431 /* fsconfig */,
    432 /* fsmount */,
    433 /* fspick */,
    442 /* mount_setattr */,
    457 /* statmount */,
    458 /* listmount */,
    SYS_mknod,
    SYS_mknodat,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    425,
    426,
    427 /* io_uring */,
    SYS_fanotify_init,
    SYS_fanotify_mark,
    SYS_inotify_init,
    SYS_inotify_init1,
    SYS_inotify_add_watch,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_quotactl,
    443 /* quotactl_fd */,
    SYS_acct,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_iopl,
    SYS_ioperm,
    SYS_clock_settime,
    SYS_settimeofday,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_syslog,
    SYS_vhangup,
    SYS_lookup_dcookie,
    SYS_migrate_pages,
    SYS_move_pages,
    SYS_sched_setscheduler,
    SYS_sched_setattr,
    SYS_ioprio_set,
    SYS_setpriority,
    SYS_mlock,
    SYS_mlock2,
    SYS_mlockall,
    SYS_shmget,
    SYS_shmat,
    SYS_shmctl,
    SYS_semget,
    SYS_semop,
    SYS_semctl,
    SYS_msgget,
    SYS_msgsnd,
    SYS_msgrcv,
    SYS_msgctl,
    SYS_mq_open,
    SYS_mq_unlink,
    SYS_seccomp,
    SYS_nfsservctl,
    SYS_modify_ldt,
    SYS_uselib,
    SYS_ustat,
    SYS_sysfs,
    SYS_personality,
};

/* prctl: what names and reports. PR_SET_TSC would give a node a clock that is not the run's. */
static const uint32_t prctl_allowed[] = {
    PR_SET_NAME,
    PR_GET_NAME,
    PR_SET_PDEATHSIG,
    PR_GET_PDEATHSIG,
    PR_GET_DUMPABLE,
    PR_CAPBSET_READ,
    PR_SET_NO_NEW_PRIVS,
    PR_GET_NO_NEW_PRIVS,
    PR_SET_THP_DISABLE,
    PR_GET_THP_DISABLE,
    PR_SET_CHILD_SUBREAPER,
    PR_GET_CHILD_SUBREAPER,
    PR_GET_SECCOMP,
    PR_GET_KEEPCAPS,
    PR_GET_SECUREBITS,
    PR_GET_TIMERSLACK,
    PR_SET_TIMERSLACK,
    0x53564d41 /* PR_SET_VMA: names */,
};

static const uint32_t fcntl_locks[] = {F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW};
static const uint32_t fcntl_denied[] = {F_SETLEASE, F_NOTIFY, F_SETOWN, F_SETSIG,
                                        15 /* F_SETOWN_EX */};
static const uint32_t ioctl_denied[] = {0x5412 /* TIOCSTI */,
                                        0x541c /* TIOCLINUX */,
                                        0x540e /* TIOCSCTTY */,
                                        0x541d /* TIOCCONS */,
                                        FIOASYNC,
                                        0x8901 /* FIOSETOWN */,
                                        0x8902 /* SIOCSPGRP */};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- one instruction after the other ---- */

static void emit(struct sandbox_filter *f, struct sock_filter insn)
{
    ASSERT(f->len < FILTER_LEN_MAX);
    f->code[f->len++] = insn;
}

static void load(struct sandbox_filter *f, size_t offset)
{
    emit(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void load_number(struct sandbox_filter *f)
{
    load(f, offsetof(struct seccomp_data, nr));
}

/* The lower half: all arguments looked at are ints, of which the kernel reads no more. */
static void load_argument(struct sandbox_filter *f, int argument)
{
    load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
}

static void ret(struct sandbox_filter *f, uint32_t what)
{
    emit(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

static void deny(struct sandbox_filter *f, int error)
{
    ret(f, SECCOMP_RET_ERRNO | (uint32_t)error);
}

static void jump(struct sandbox_filter *f, uint16_t how, uint32_t value, uint8_t then_skip,
                 uint8_t else_skip)
{
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | how | BPF_K, value, then_skip, else_skip));
}

static void on(struct sandbox_filter *f, uint32_t value, uint32_t what)
{
    jump(f, BPF_JEQ, value, 0, 1);
    ret(f, what);
}

static void on_each(struct sandbox_filter *f, const uint32_t *values, size_t count, uint32_t what)
{
    size_t i;

    for (i = 0; i < count; i++)
        on(f, values[i], what);
}

/* The instructions between begin and end are for one call only. They end in ret. */
static unsigned short begin_call(struct sandbox_filter *f, uint32_t number)
{
    jump(f, BPF_JEQ, number, 0, 0); /* how far to skip is known at the end */
    return f->len;
}

static void end_call(struct sandbox_filter *f, unsigned short begin)
{
    ASSERT(f->len - begin < 256);
    f->code[begin - 1].jf = (uint8_t)(f->len - begin);
}

/* ---- calls whose arguments are looked at ---- */

static void check_architecture(struct sandbox_filter *f)
{
    load(f, offsetof(struct seccomp_data, arch));
    jump(f, BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0);
    ret(f, PLANT_SANDBOX == PLANT_NO_ARCH_CHECK ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
    load_number(f);
    jump(f, BPF_JGE, X32, 0, 1);
    ret(f, PLANT_SANDBOX == PLANT_NO_ARCH_CHECK ? SECCOMP_RET_ALLOW : SECCOMP_RET_KILL_PROCESS);
}

static void check_clone(struct sandbox_filter *f)
{
    unsigned short at = begin_call(f, SYS_clone);

    load_argument(f, 0);
    jump(f, BPF_JSET,
         (uint32_t)(NAMESPACES | (PLANT_SANDBOX == PLANT_UNTRACED_CHILDREN ? 0 : CLONE_UNTRACED)),
         0, 1);
    deny(f, EPERM);
    ret(f, SECCOMP_RET_ALLOW);
    end_call(f, at);
    on(f, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
}

static void check_socket(struct sandbox_filter *f, uint32_t number, bool network)
{
    unsigned short at = begin_call(f, number);

    load_argument(f, 0);
    on(f, AF_UNIX, SECCOMP_RET_ALLOW);
    if (network) {
        on(f, AF_INET6, SECCOMP_RET_ALLOW);
        jump(f, BPF_JEQ, AF_INET, 1, 0);
    }
    deny(f, EAFNOSUPPORT);
    if (network) { /* no raw ones: the lowest byte of the type is 1 or 2 */
        load_argument(f, 1);
        emit(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff));
        on(f, SOCK_STREAM, SECCOMP_RET_ALLOW);
        on(f, SOCK_DGRAM, SECCOMP_RET_ALLOW);
        deny(f, EPERM);
    }
    end_call(f, at);
}

static void check_ioctl(struct sandbox_filter *f)
{
    unsigned short at = begin_call(f, SYS_ioctl);

    load_argument(f, 1);
    on_each(f, ioctl_denied, COUNT(ioctl_denied), SECCOMP_RET_ERRNO | EPERM);
    ret(f, SECCOMP_RET_ALLOW);
    end_call(f, at);
}

static void check_prctl(struct sandbox_filter *f)
{
    unsigned short at = begin_call(f, SYS_prctl);

    load_argument(f, 0);
    on_each(f, prctl_allowed, COUNT(prctl_allowed), SECCOMP_RET_ALLOW);
    deny(f, EPERM);
    end_call(f, at);
}

static void check_locks(struct sandbox_filter *f)
{
    unsigned short at = begin_call(f, SYS_fcntl);

    load_argument(f, 1);
    if (PLANT_SANDBOX != PLANT_LOCKS_ALLOWED)
        on_each(f, fcntl_locks, COUNT(fcntl_locks), SUCCEED);
    on_each(f, fcntl_denied, COUNT(fcntl_denied), SECCOMP_RET_ERRNO | EPERM);
    ret(f, SECCOMP_RET_ALLOW);
    end_call(f, at);
    on(f, SYS_flock, PLANT_SANDBOX == PLANT_LOCKS_ALLOWED ? SECCOMP_RET_ALLOW : SUCCEED);
}

/* A file that changes who runs it, or a group's folder, is of no use inside and could be outside.
 */
static void check_mode(struct sandbox_filter *f, uint32_t number, int argument)
{
    unsigned short at = begin_call(f, number);

    load_argument(f, argument);
    jump(f, BPF_JSET, S_ISUID | S_ISGID, 0, 1);
    deny(f, EPERM);
    ret(f, SECCOMP_RET_ALLOW);
    end_call(f, at);
}

static void check_personality(struct sandbox_filter *f)
{
    unsigned short at = begin_call(f, SYS_personality);

    load_argument(f, 0);
    on(f, 0xffffffff, SECCOMP_RET_ALLOW); /* asks only */
    deny(f, EPERM);
    end_call(f, at);
}

struct sandbox_filter *sandbox_filter_new(enum sandbox_profile profile, bool network)
{
    struct sandbox_filter *f = mem_zalloc(sizeof(*f));

    check_architecture(f);
    check_clone(f);
    check_socket(f, SYS_socket, network);
    check_socket(f, SYS_socketpair, network);
    check_ioctl(f);
    check_personality(f);
    check_mode(f, SYS_chmod, 1);
    check_mode(f, SYS_fchmod, 1);
    check_mode(f, SYS_fchmodat, 2);
    if (profile == SANDBOX_RUN) {
        check_prctl(f);
        check_locks(f);
        on(f, SYS_fallocate, SECCOMP_RET_ERRNO | EOPNOTSUPP);
        on_each(f, run_allowed, COUNT(run_allowed), SECCOMP_RET_ALLOW);
        on_each(f, run_refused, COUNT(run_refused), SECCOMP_RET_ERRNO | EPERM);
        deny(f, ENOSYS);
    } else {
        on_each(f, compile_denied, COUNT(compile_denied), SECCOMP_RET_ERRNO | EPERM);
        jump(f, BPF_JGT, LAST_KNOWN, 0, 1);
        deny(f, ENOSYS);
        ret(f, SECCOMP_RET_ALLOW);
    }
    return f;
}

void sandbox_filter_free(struct sandbox_filter *f)
{
    mem_free(f);
}

int sandbox_filter_install(const struct sandbox_filter *f)
{
    struct sock_fprog program = {f->len, (struct sock_filter *)(uintptr_t)f->code};

    if (PLANT_SANDBOX == PLANT_NO_SECCOMP)
        return 0;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

size_t sandbox_filter_len(const struct sandbox_filter *f)
{
    return f->len;
}

/* The filter decides in the kernel, so that all other syscalls run at full speed.
 *
 *   our list          -> RET_TRACE: a stop, judged by vt_syscall.c
 *   io_uring, futex2  -> ENOSYS: they wait outside the calls we know; programs fall back
 *   setting clocks    -> EPERM: the clock of this machine is not the node's to set
 *   x32 calls         -> ENOSYS; 32-bit calls -> the process dies (exec refuses such programs)
 *   all else          -> runs
 *
 * A few entries look at an argument as well, to leave out what never waits: a poll with timeout 0
 * is the commonest call of many event loops. The list is a chain of comparisons, ordered by how
 * often programs call them; a tree was not measurably faster. */
#include "vt_filter.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TMPFILE_BIT = 020000000 }; /* of O_TMPFILE, which is O_DIRECTORY besides */

struct vt_filter {
    struct sock_filter code[VT_FILTER_LEN_MAX];
    unsigned short len;
};

static void emit(struct vt_filter *f, struct sock_filter insn)
{
    ASSERT(f->len < VT_FILTER_LEN_MAX);
    f->code[f->len++] = insn;
}

static void load(struct vt_filter *f, size_t offset)
{
    emit(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static void ret(struct vt_filter *f, uint32_t what)
{
    emit(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

static void if_equal(struct vt_filter *f, uint32_t value, uint8_t then_skip, uint8_t else_skip)
{
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then_skip, else_skip));
}

static void on(struct vt_filter *f, uint32_t number, uint32_t what)
{
    if_equal(f, number, 0, 1);
    ret(f, what);
}

/* A stop unless the lower half of this argument is 0. */
static void trace_if_argument(struct vt_filter *f, uint32_t number, int argument)
{
    if_equal(f, number, 0, 4);
    load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
    if_equal(f, 0, 0, 1);
    ret(f, SECCOMP_RET_ALLOW);
    ret(f, SECCOMP_RET_TRACE);
}

/* A stop if a bit of mask is set in the lower half of this argument. */
static void trace_if_bits(struct vt_filter *f, uint32_t number, int argument, uint32_t mask)
{
    if_equal(f, number, 0, 4);
    load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, mask, 1, 0));
    ret(f, SECCOMP_RET_ALLOW);
    ret(f, SECCOMP_RET_TRACE);
}

/* A stop if this argument, an unsigned number of 32 bits, is above bound. */
static void trace_if_above(struct vt_filter *f, uint32_t number, int argument, uint32_t bound)
{
    if_equal(f, number, 0, 4);
    load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, bound, 1, 0));
    ret(f, SECCOMP_RET_ALLOW);
    ret(f, SECCOMP_RET_TRACE);
}

/* A stop if a bit of protection is wanted, or a flag given. */
static void trace_mmap(struct vt_filter *f, uint32_t protection, uint32_t flags)
{
    if_equal(f, SYS_mmap, 0, 6);
    load(f, offsetof(struct seccomp_data, args[2]));
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, protection, 3, 0));
    load(f, offsetof(struct seccomp_data, args[3]));
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, flags, 1, 0));
    ret(f, SECCOMP_RET_ALLOW);
    ret(f, SECCOMP_RET_TRACE);
}

static const uint32_t traced[] = {
    SYS_futex,
    SYS_read,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_sched_yield,
    SYS_epoll_pwait2,
    SYS_ppoll,
    SYS_select,
    SYS_pselect6,
    SYS_readv,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_recvmmsg,
    SYS_accept,
    SYS_accept4,
    SYS_clock_gettime,
    SYS_gettimeofday,
    SYS_time,
    SYS_wait4,
    SYS_waitid,
    SYS_pause,
    SYS_rt_sigsuspend,
    SYS_rt_sigtimedwait,
    SYS_flock,
    SYS_timer_create,
    SYS_timer_settime,
    SYS_timer_gettime,
    SYS_timer_delete,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_alarm,
    SYS_setitimer,
    SYS_getitimer,
    SYS_kill,
    SYS_tkill,
    SYS_tgkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    SYS_pidfd_send_signal,
    SYS_exit_group,
    SYS_getcpu,
    SYS_times,
    SYS_getrusage,
    SYS_connect,
    SYS_bind,
};
/* io_uring_setup, futex_waitv, futex_wake, futex_wait, futex_requeue */
static const uint32_t absent[] = {425, 449, 454, 455, 456};
static const uint32_t forbidden[] = {SYS_clock_settime, SYS_settimeofday, SYS_adjtimex,
                                     SYS_clock_adjtime};
static const uint32_t syncing[] = {SYS_fsync, SYS_fdatasync,       SYS_syncfs,
                                   SYS_sync,  SYS_sync_file_range, SYS_msync};

/* vt_disk.c; reads, syncs and mmap have their own places. */
static const uint32_t followed[] = {
    SYS_pwrite64, SYS_writev,          SYS_pwritev,  SYS_pwritev2,  SYS_pread64,   SYS_preadv,
    SYS_preadv2,  SYS_creat,           SYS_truncate, SYS_ftruncate, SYS_fallocate, SYS_sendfile,
    SYS_splice,   SYS_copy_file_range, SYS_rename,   SYS_renameat,  SYS_renameat2, SYS_link,
    SYS_linkat,   SYS_unlink,          SYS_unlinkat, SYS_mkdir,     SYS_mkdirat,   SYS_rmdir,
};

static void on_each(struct vt_filter *f, const uint32_t *numbers, size_t count, uint32_t what)
{
    size_t i;

    for (i = 0; i < count; i++)
        on(f, numbers[i], what);
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct vt_filter *vt_filter_new(struct vt_filter_options options)
{
    struct vt_filter *f = mem_zalloc(sizeof(*f));

    load(f, offsetof(struct seccomp_data, arch));
    if_equal(f, AUDIT_ARCH_X86_64, 1, 0);
    ret(f, SECCOMP_RET_KILL_PROCESS);
    load(f, offsetof(struct seccomp_data, nr));
    emit(f, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x40000000, 0, 1));
    ret(f, SECCOMP_RET_ERRNO | ENOSYS);
    trace_if_argument(f, SYS_epoll_wait, 3);
    trace_if_argument(f, SYS_epoll_pwait, 3);
    trace_if_argument(f, SYS_poll, 2);
    on_each(f, traced, COUNT(traced), SECCOMP_RET_TRACE);
    on_each(f, absent, COUNT(absent), SECCOMP_RET_ERRNO | ENOSYS);
    on_each(f, forbidden, COUNT(forbidden), SECCOMP_RET_ERRNO | EPERM);
    if (options.entropy)
        on(f, SYS_getrandom, SECCOMP_RET_TRACE);
    if (options.follow) {
        trace_if_above(f, SYS_write, 0, STDERR_FILENO);
        trace_if_bits(f, SYS_openat, 2, O_CREAT | O_TRUNC | TMPFILE_BIT);
        trace_if_bits(f, SYS_open, 1, O_CREAT | O_TRUNC | TMPFILE_BIT);
        on_each(f, followed, COUNT(followed), SECCOMP_RET_TRACE);
    }
    trace_mmap(f, options.entropy ? PROT_EXEC : 0, options.follow ? MAP_SHARED : 0);
    if (options.disk || options.follow)
        on_each(f, syncing, COUNT(syncing), SECCOMP_RET_TRACE);
    ret(f, SECCOMP_RET_ALLOW);
    return f;
}

void vt_filter_free(struct vt_filter *f)
{
    mem_free(f);
}

int vt_filter_install(const struct vt_filter *f)
{
    struct sock_fprog program = {f->len, (struct sock_filter *)(uintptr_t)f->code};

    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

size_t vt_filter_len(const struct vt_filter *f)
{
    return f->len;
}

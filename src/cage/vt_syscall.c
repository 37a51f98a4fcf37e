/* The table of syscalls that stop (vt_filter.c says which), and the small handlers.
 *
 * Fairness: a thread about to make a call that may block lets the other READY threads go first.
 * Python gives up its lock just there; a polling thread that never let the others in starved the
 * reader of a multiprocessing pool for ever. The call is judged when the thread's turn comes. */
#include "vt_syscall.h"

#include "vt_busy.h"
#include "vt_disk.h"
#include "vt_libcxx.h"
#include "vt_note.h"
#include "vt_ptrace.h"
#include "vt_thread.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { SYSCALL_COUNT = 512 };

enum vt_verdict vt_run_natively(struct vt_thread *t, enum vt_after after)
{
    t->after = after;
    t->resume_request = PTRACE_SYSCALL;
    return VT_GO;
}

static enum vt_verdict may_block(struct vt_thread *t)
{
    return vt_run_natively(t, VT_AFTER_NATIVE);
}

static enum vt_verdict wait_by_pid(struct vt_thread *t)
{
    return vt_arg(t, 2) & WNOHANG ? VT_GO : may_block(t);
}

static enum vt_verdict wait_by_id(struct vt_thread *t)
{
    return vt_arg(t, 3) & WNOHANG ? VT_GO : may_block(t);
}

static enum vt_verdict send_signal(struct vt_thread *t)
{
    return vt_run_natively(t, VT_AFTER_SIGNALS);
}

static enum vt_verdict leave_process(struct vt_thread *t)
{
    t->proc->exiting = true;
    return VT_GO;
}

/* Sockets of the internet lead to peers that live in real time, unless the network is ours (net.c).
 */
static enum vt_verdict connect_or_bind(struct vt_thread *t)
{
    uint16_t family;

    if (!t->node->inet_noted && vt_mem_read(t, vt_arg(t, 1), &family, sizeof(family)) &&
        (family == AF_INET || family == AF_INET6)) {
        t->node->inet_noted = true;
        if (t->node->world->config->network)
            return VT_GO;
        vt_note(t->node, "uses internet sockets: what comes in through them comes in real time, so "
                         "this run may not be repeatable");
    }
    return VT_GO;
}

static enum vt_verdict (*const handlers[SYSCALL_COUNT])(struct vt_thread *) = {
    [SYS_clock_gettime] = vt_sys_clock_gettime,
    [SYS_gettimeofday] = vt_sys_gettimeofday,
    [SYS_time] = vt_sys_time,
    [SYS_times] = vt_sys_times,
    [SYS_getcpu] = vt_sys_getcpu,
    [SYS_getrusage] = vt_sys_getrusage,
    [SYS_nanosleep] = vt_sys_nanosleep,
    [SYS_clock_nanosleep] = vt_sys_clock_nanosleep,
    [SYS_sched_yield] = vt_sys_sched_yield,
    [SYS_fsync] = vt_sys_sync,
    [SYS_fdatasync] = vt_sys_sync,
    [SYS_syncfs] = vt_sys_sync,
    [SYS_sync] = vt_sys_sync,
    [SYS_sync_file_range] = vt_sys_sync,
    [SYS_msync] = vt_sys_sync,
    [SYS_futex] = vt_sys_futex,
    [SYS_epoll_wait] = vt_sys_epoll_wait,
    [SYS_epoll_pwait] = vt_sys_epoll_wait,
    [SYS_epoll_pwait2] = vt_sys_epoll_pwait2,
    [SYS_poll] = vt_sys_poll,
    [SYS_ppoll] = vt_sys_ppoll,
    [SYS_select] = vt_sys_select,
    [SYS_pselect6] = vt_sys_pselect6,
    [SYS_read] = vt_sys_read,
    [SYS_readv] = vt_sys_read,
    [SYS_recvfrom] = vt_sys_recvfrom,
    [SYS_recvmsg] = vt_sys_recvmsg,
    [SYS_recvmmsg] = vt_sys_recvmmsg,
    [SYS_accept] = vt_sys_accept,
    [SYS_accept4] = vt_sys_accept,
    [SYS_timer_create] = vt_sys_timer_create,
    [SYS_timer_settime] = vt_sys_timer_settime,
    [SYS_timer_gettime] = vt_sys_timer_gettime,
    [SYS_timer_delete] = vt_sys_timer_delete,
    [SYS_timerfd_settime] = vt_sys_timerfd_settime,
    [SYS_timerfd_gettime] = vt_sys_timerfd_gettime,
    [SYS_alarm] = vt_sys_alarm,
    [SYS_setitimer] = vt_sys_setitimer,
    [SYS_getitimer] = vt_sys_getitimer,
    [SYS_wait4] = wait_by_pid,
    [SYS_waitid] = wait_by_id,
    [SYS_pause] = may_block,
    [SYS_rt_sigsuspend] = may_block,
    [SYS_flock] = may_block,
    [SYS_rt_sigtimedwait] = vt_sys_rt_sigtimedwait,
    [SYS_kill] = send_signal,
    [SYS_tkill] = send_signal,
    [SYS_tgkill] = send_signal,
    [SYS_rt_sigqueueinfo] = send_signal,
    [SYS_rt_tgsigqueueinfo] = send_signal,
    [SYS_pidfd_send_signal] = send_signal,
    [SYS_exit_group] = leave_process,
    [SYS_connect] = connect_or_bind,
    [SYS_bind] = connect_or_bind,
    [SYS_getrandom] = vt_sys_getrandom,
    [SYS_mmap] = vt_sys_mmap,
};

static bool is_wait(uint64_t number)
{
    switch (number) {
    case SYS_read:
    case SYS_poll:
    case SYS_ppoll:
    case SYS_select:
    case SYS_pselect6:
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_recvfrom:
    case SYS_wait4:
        return true;
    default:
        return false;
    }
}

enum vt_verdict vt_syscall(struct vt_thread *t)
{
    uint64_t number = vt_syscall_number(t);
    enum vt_verdict verdict;

    t->node->world->counts.syscalls++;
    if (t->node->disk != NULL && vt_disk_call(t, &verdict))
        return verdict;
    if (number >= SYSCALL_COUNT || handlers[number] == NULL)
        return VT_GO;
    if (!t->let_pass && t->node->queue_head != NULL && is_wait(number)) {
        t->let_pass = true;
        t->judge = true;
        vt_queue_push(t);
        return VT_STAY;
    }
    t->let_pass = false;
    if (vt_busy_stop(t))
        return VT_STAY;
    t->cpu_ns += VT_CPU_PER_STOP_NS;
    return handlers[number](t);
}

enum vt_verdict vt_syscall_end(struct vt_thread *t)
{
    enum vt_after after = t->after;

    t->after = VT_AFTER_NONE;
    switch (after) {
    case VT_AFTER_SIGWAIT:
        vt_sys_rt_sigtimedwait_end(t);
        break;
    case VT_AFTER_SIGNALS:
        t->node->signals_sent++;
        break;
    case VT_AFTER_TIMER_CREATE:
        vt_sys_timer_create_end(t);
        break;
    case VT_AFTER_RUSAGE:
        vt_sys_getrusage_end(t);
        break;
    case VT_AFTER_DISK:
        vt_disk_call_end(t);
        break;
    case VT_AFTER_MMAP:
        vt_sys_mmap_end(t);
        break;
    case VT_AFTER_KICK: /* it returned, was interrupted, or will be restarted */
    case VT_AFTER_NATIVE:
    case VT_AFTER_NONE:
        break;
    }
    return VT_GO;
}

/* A PARKED thread stands in a ptrace stop before its syscall, where signals do not reach it. When
 * signals may have been sent (node.signals_sent moved on), we look which held threads have one
 * pending that is not blocked and would do something, and let those go:
 *
 *   sleep, poll, select, epoll, timed futex    answered: they end in EINTR, whatever the
 *                                              handler's flags say
 *   read, accept, untimed futex, calls that    EINTR or a restart, as the handler was installed
 *   swap the signal mask                       (SA_RESTART): the kernel runs the real call, which
 *                                              the pending signal interrupts at once, and decides
 *
 * A signal to a process may be taken by any of its threads, so only one thread is let go for it, as
 * the kernel would choose: the main thread if it can. If the call blocks after all because the
 * signal went elsewhere, the tick of vt_wait.c finds it and the call is judged anew.
 *
 * Threads that were killed do not answer ptrace any more; they are buried (vt_wait.c). */
#include "vt_signal.h"

#include "vt_ptrace.h"
#include "vt_syscall.h"
#include "vt_thread.h"
#include "vt_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uint64_t bit(int signal)
{
    return 1ull << (signal - 1);
}

struct signal_sets {
    uint64_t own, shared, blocked, ignored, caught;
};

static uint64_t status_line(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at != NULL ? strtoull(at + strlen(name), NULL, 16) : 0;
}

static bool read_sets(const struct vt_thread *t, struct signal_sets *ret_sets)
{
    char text[4096];
    ssize_t len;
    int fd;

    snprintf(text, sizeof(text), "/proc/%d/status", t->tid);
    fd = open(text, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    len = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (len <= 0)
        return false;
    text[len] = '\0';
    ret_sets->own = status_line(text, "SigPnd:\t");
    ret_sets->shared = status_line(text, "ShdPnd:\t");
    ret_sets->blocked = status_line(text, "SigBlk:\t");
    ret_sets->ignored = status_line(text, "SigIgn:\t");
    ret_sets->caught = status_line(text, "SigCgt:\t");
    return true;
}

/* Whether anything is queued for it; -1 if it does not answer because it is dying. */
static int has_pending(const struct vt_thread *t)
{
    struct __ptrace_peeksiginfo_args args = {.off = 0, .flags = 0, .nr = 1};
    siginfo_t info;
    long count = ptrace(PTRACE_PEEKSIGINFO, t->tid, &args, &info);

    if (count == 0) {
        args.flags = PTRACE_PEEKSIGINFO_SHARED;
        count = ptrace(PTRACE_PEEKSIGINFO, t->tid, &args, &info);
    }
    return count < 0 ? (errno == ESRCH ? -1 : 1) : count > 0;
}

/* The mask that would hold during the call at which the thread is parked, if it swaps it. */
static bool swapped_mask(struct vt_thread *t, uint64_t *ret_mask)
{
    uint64_t at = 0, pair[2];

    switch (vt_syscall_number(t)) {
    case SYS_ppoll:
        at = vt_arg(t, 3);
        break;
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        at = vt_arg(t, 4);
        break;
    case SYS_pselect6:
        if (vt_arg(t, 5) != 0 && vt_mem_read(t, vt_arg(t, 5), pair, sizeof(pair)))
            at = pair[0];
        break;
    default:
        break;
    }
    return at != 0 && vt_mem_read(t, at, ret_mask, sizeof(*ret_mask));
}

/* Lets the thread out of its wait; the signal is delivered as soon as it runs. */
static void kick(struct vt_thread *t, bool swaps_mask)
{
    uint64_t number = vt_syscall_number(t);
    bool timed = t->due.at_ns != VT_NEVER;
    enum vt_wait wait = t->wait;

    if (wait == VT_WAIT_SLEEP)
        vt_sleep_interrupt(t); /* needs the due moment */
    vt_unpark(t);
    if (wait == VT_WAIT_SLEEP) {
        /* answered */
    } else if (!swaps_mask &&
               (number == SYS_poll || number == SYS_ppoll || number == SYS_select ||
                number == SYS_pselect6 || number == SYS_epoll_wait || number == SYS_epoll_pwait ||
                number == SYS_epoll_pwait2 || (wait == VT_WAIT_FUTEX && timed))) {
        vt_answer(t, -EINTR);
    } else {
        vt_run_natively(t, VT_AFTER_KICK);
    }
    vt_queue_push(t);
}

static const int default_ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

/* True if the thread was kicked. taken: shared signals that a thread of its process takes. */
static bool check_thread(struct vt_thread *t, uint64_t *taken)
{
    struct signal_sets sets;
    uint64_t deliverable, mask;
    bool swaps_mask;
    size_t i;

    if (!read_sets(t, &sets))
        return false;
    swaps_mask = t->wait == VT_WAIT_FDS && swapped_mask(t, &mask);
    if (swaps_mask)
        sets.blocked = mask;
    for (i = 0; i < sizeof(default_ignored) / sizeof(default_ignored[0]); i++)
        if ((sets.caught & bit(default_ignored[i])) == 0)
            sets.ignored |= bit(default_ignored[i]);
    deliverable = (sets.own | (sets.shared & ~*taken)) & ~sets.blocked & ~sets.ignored;
    if (deliverable == 0 || PLANT_VT == 10)
        return false;
    *taken |= sets.shared & ~sets.blocked;
    kick(t, swaps_mask);
    return true;
}

bool vt_signals_check(struct vt_node *n)
{
    uint64_t taken = 0;
    struct vt_proc *of = NULL;
    bool changed = false;
    size_t i;

    for (i = 0; i < n->thread_count; i++) {
        struct vt_thread *t = n->threads[i];
        int pending;

        if (t->state != VT_PARKED || t->signals_seen == n->signals_sent)
            continue;
        pending = has_pending(t);
        if (pending < 0) {
            vt_bury(t); /* the tables have changed: from the start */
            return true;
        }
        t->signals_seen = n->signals_sent;
        if (t->proc != of)
            taken = 0;
        of = t->proc;
        if (pending == 0 || t->wait == VT_WAIT_BUSY || t->wait == VT_WAIT_CHARGE ||
            t->wait == VT_WAIT_DISK)
            continue;
        if (check_thread(t, &taken))
            changed = true;
    }
    return changed;
}

bool vt_signals_bury_killed(struct vt_node *n)
{
    struct vt_proc *p, *next;
    bool buried = false;

    for (p = n->procs; p != NULL; p = next) {
        struct vt_thread *leader = vt_thread_find(n, p->tgid);

        next = p->next; /* only p itself leaves the list */
        if (leader == NULL || leader->state != VT_PARKED || has_pending(leader) >= 0)
            continue;
        vt_bury(leader);
        buried = true;
    }
    return buried;
}

/* Waits for a signal run in the kernel, without its timeout, which is ours. */
enum vt_verdict vt_sys_rt_sigtimedwait(struct vt_thread *t)
{
    struct timespec ts;

    t->saved = *vt_regs(t);
    t->due = VT_DUE_NEVER;
    if (vt_arg(t, 2) == 0 || !vt_mem_read(t, vt_arg(t, 2), &ts, sizeof(ts)))
        return vt_run_natively(t, VT_AFTER_NATIVE);
    if (ts.tv_sec == 0 && ts.tv_nsec == 0)
        return VT_GO; /* only a look */
    t->due = vt_due_after(t->node, vt_time_of(ts.tv_sec, ts.tv_nsec));
    vt_regs(t)->rdx = 0;
    vt_regs_changed(t);
    return vt_run_natively(t, VT_AFTER_SIGWAIT);
}

void vt_sys_rt_sigtimedwait_end(struct vt_thread *t)
{
    int64_t result = (int64_t)vt_regs(t)->rax;
    bool due = t->interrupt == VT_INTERRUPT_DUE;

    t->regs = t->saved; /* the timeout argument as it was */
    t->interrupt = VT_INTERRUPT_NONE;
    t->due = VT_DUE_NEVER;
    vt_return(t, due && (result == -EINTR || result <= -512) ? -EAGAIN : result);
}

/* One node, run until it is quiescent.
 *
 *      pop READY thread -> resume -> wait for its stop -> judge -> resume ... until it STAYs
 *
 * The same thread goes on until it parks; threads that it wakes queue up. When the queue is empty:
 * natively blocked threads are looked at, then signals, then our copies of awaited descriptors,
 * then, where there are several processes, words of shared futexes and who was killed meanwhile;
 * whatever wakes a thread starts the loop again. When nothing does, the node is quiescent: each
 * thread is PARKED, or NATIVE and asleep in the kernel. Kernel wake-ups are done by the waker in
 * its own call, so after the last runner stopped that is a safe statement.
 *
 * Fairness (vt_syscall.c has the other half): after 16 syscalls in a row, descriptors are looked at
 * and the thread queues up behind those READY. Counted, so equal in every run. */
#include "vt_run.h"

#include "../base/mem.h"
#include "cage_internal.h"
#include "vt_busy.h"
#include "vt_disk.h"
#include "vt_futex.h"
#include "vt_ptrace.h"
#include "vt_signal.h"
#include "vt_stop.h"
#include "vt_syscall.h"
#include "vt_thread.h"
#include "vt_timer.h"
#include "vt_wait.h"

#include <errno.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum {
    STOPS_IN_A_ROW = 16,
    SECOND_NS = 1000000000,
};

void vt_publish_clocks(struct vt_node *n)
{
    int64_t monotonic = vt_clock_read(&n->clock, VT_MONOTONIC, n->world->now_ns);
    int64_t wall = vt_clock_read(&n->clock, VT_WALL, n->world->now_ns);
    struct vt_proc *p;

    for (p = n->procs; p != NULL; p = p->next) {
        struct vt_page *page = p->page != NULL ? p->page->page : NULL;

        if (page == NULL)
            continue;
        page->monotonic_s = monotonic / SECOND_NS;
        page->monotonic_ns = monotonic % SECOND_NS;
        page->wall_s = wall / SECOND_NS;
        page->wall_ns = wall % SECOND_NS;
        page->wall_us = wall % SECOND_NS / 1000;
    }
}

/* ---- looking for reasons to go on ---- */

/* True if one of the natively blocked threads has reported. */
static bool check_native(struct vt_node *n)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++) {
        struct vt_thread *t = n->threads[i];
        int status, spins;

        if (t->state != VT_NATIVE)
            continue;
        for (spins = 0;; spins++) {
            char state = vt_kernel_state(t); /* first: what it does after this, the look sees */
            int got = vt_wait_look(t->tid, &status);

            if (got < 0) {
                vt_wait_vanished(t);
                return true;
            }
            if (got > 0) {
                if (vt_stop(t, status) == VT_GO)
                    vt_queue_push(t);
                return true;
            }
            if (state == 'S' || state == 'Z' || (state == 'D' && t->in_vfork) ||
                ((state == 't' || state == 'T') && t->group_stopped))
                break;
            vt_wait_settle(t, spins);
        }
    }
    return false;
}

/* Wakes those whose descriptors are ready. One poll for all waiters of the node, and for its output
 * while we are at it: at rest most nodes have written nothing, and two reads are saved. */
static bool check_fds(struct vt_node *n)
{
    static struct pollfd *all;
    static size_t cap;
    size_t count = 2, at = 2, i, k;
    bool woke = false;
    int ready;

    all = mem_grow(all, &cap, count, sizeof(*all));
    all[0] = (struct pollfd){.fd = n->life->out_fd, .events = POLLIN};
    all[1] = (struct pollfd){.fd = n->life->err_fd, .events = POLLIN};
    for (i = 0; i < n->thread_count; i++) {
        struct vt_thread *t = n->threads[i];

        if (t->state != VT_PARKED || t->wait != VT_WAIT_FDS)
            continue;
        all = mem_grow(all, &cap, count + t->fd_count, sizeof(*all));
        for (k = 0; k < t->fd_count; k++)
            all[count++] = t->fds[k];
    }
    if (PLANT_VT == 7)
        return false;
    while ((ready = poll(all, count, 0)) < 0 && errno == EINTR)
        ;
    if (ready < 0)
        return false;
    n->out_events = all[0].revents;
    n->err_events = all[1].revents;
    if (ready == (all[0].revents != 0) + (all[1].revents != 0))
        return false;
    for (i = 0; i < n->thread_count; i++) {
        struct vt_thread *t = n->threads[i];
        bool wakes = false;

        if (t->state != VT_PARKED || t->wait != VT_WAIT_FDS)
            continue;
        for (k = 0; k < t->fd_count; k++)
            wakes = all[at++].revents != 0 || wakes;
        if (wakes) {
            vt_unpark(t); /* the kernel now runs the call, which returns at once */
            vt_queue_push(t);
            woke = true;
        }
    }
    return woke;
}

static void run_thread(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    unsigned in_a_row = 0;
    int status;

    if (t->judge) {
        t->judge = false;
        if (vt_syscall(t) == VT_STAY)
            return;
    }
    for (;;) {
        bool exiting = t->proc->exiting;

        vt_resume(t);
        if (exiting) {
            vt_bury(t);
            return;
        }
        if (vt_wait_thread(t, &status) != VT_WAITED_STOP)
            return;
        if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_SECCOMP && n->thread_count > 1 &&
            ++in_a_row >= STOPS_IN_A_ROW) {
            in_a_row = 0;
            check_fds(n);
            if (n->queue_head != NULL) {
                n->world->counts.stops++;
                t->regs_valid = false;
                t->after = VT_AFTER_NONE;
                t->judge = true;
                vt_queue_push(t);
                return;
            }
        }
        if (vt_stop(t, status) == VT_STAY)
            return;
        if (n->signals_sent != t->signals_seen)
            vt_signals_check(n);
    }
}

bool vt_run_look(struct vt_node *n)
{
    return check_native(n) || check_fds(n);
}

static bool is_resting(const struct vt_node *n)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++)
        if (n->threads[i]->wait == VT_WAIT_BUSY || n->threads[i]->wait == VT_WAIT_CHARGE)
            return false;
    return true;
}

void vt_run(struct vt_node *n)
{
    n->touched = false;
    n->out_events = n->err_events = POLLIN;
    for (;;) {
        struct vt_thread *t;

        if (n->ended || vt_disk_stands(n)) {
            n->out_events = n->err_events = POLLIN; /* what it wrote last may not have been seen */
            return;
        }
        if (stop_asked()) { /* and it might never come to rest */
            n->touched = true;
            return;
        }
        t = vt_queue_pop(n);
        if (t != NULL)
            run_thread(t);
        else if (!check_native(n) && !vt_signals_check(n) && !check_fds(n)) {
            bool several = n->procs != NULL && n->procs->next != NULL;

            if (several)
                vt_futex_recheck(n, NULL);
            if (n->queue_head == NULL && !(several && PLANT_VT != 24 && vt_signals_bury_killed(n)))
                break;
        }
    }
    if (is_resting(n))
        vt_busy_rested(n);
    n->touched = false;
}

/* ---- time ---- */

int64_t vt_run_when(const struct vt_node *n)
{
    int64_t first = VT_NEVER, when;
    const struct vt_proc *p;
    size_t i;

    for (i = 0; i < n->thread_count; i++) {
        const struct vt_thread *t = n->threads[i];

        if (t->due.at_ns == VT_NEVER)
            continue;
        when = vt_clock_when(&n->clock, t->due);
        if (when < first)
            first = when;
    }
    for (p = n->procs; p != NULL; p = p->next) {
        if (p->timers == NULL)
            continue;
        when = vt_timers_when(p);
        if (when < first)
            first = when;
    }
    return first;
}

static void time_out(struct vt_thread *t)
{
    enum vt_wait wait = t->wait;

    vt_unpark(t);
    switch (wait) {
    case VT_WAIT_FUTEX:
        vt_answer(t, PLANT_VT == 4 ? 0 : -ETIMEDOUT);
        break;
    case VT_WAIT_FDS:
        vt_fds_timeout(t);
        break;
    case VT_WAIT_CHARGE:
        t->judge = true;
        break;
    default:
        break;
    }
    vt_queue_push(t);
}

/* Threads become READY in the order of their moments, then of their parking. */
static bool fires_before(const struct vt_thread *a, const struct vt_thread *b)
{
    int64_t when_a = vt_clock_when(&a->node->clock, a->due);
    int64_t when_b = vt_clock_when(&b->node->clock, b->due);

    return when_a < when_b || (when_a == when_b && a->park_order < b->park_order);
}

void vt_run_fire(struct vt_node *n)
{
    n->touched = true;
    vt_timers_fire(n);
    for (;;) {
        struct vt_thread *first = NULL;
        size_t i;

        for (i = 0; i < n->thread_count; i++) {
            struct vt_thread *t = n->threads[i];

            if (t->due.at_ns == VT_NEVER || !vt_due_past(n, t->due))
                continue;
            if (t->state == VT_NATIVE) { /* a wait for a signal: rt_sigtimedwait */
                t->due = VT_DUE_NEVER;
                t->interrupt = VT_INTERRUPT_DUE;
                ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
                while (vt_kernel_state(t) == 'S')
                    sched_yield();
            } else if (t->state == VT_PARKED && (first == NULL || fires_before(t, first))) {
                first = t;
            }
        }
        if (first == NULL)
            break;
        time_out(first);
    }
}

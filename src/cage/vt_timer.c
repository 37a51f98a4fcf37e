/* Timers never run in the kernel; the tracer keeps their moments and lets them fire.
 *
 * One list in each process holds three kinds. A due signal timer sends its signal from here. A
 * timerfd stays unarmed; when due, our copy of the descriptor is armed with 1 ns, and becomes
 * readable just as the program expects, also inside its epoll set.
 *
 * A timer that was due several times while its node was paused fires once and goes on from the next
 * moment in the future. (The kernel would count the missed ones; reads of a timerfd then return
 * more than 1. Programs that care for that count were not found.)
 *
 * Moments of one timer that lie within 50 us are one: a timer of 1 ns would have the world stand
 * still at each nanosecond. Linux lets timers come as late as that, too (prctl(2),
 * PR_SET_TIMERSLACK).
 *
 * Timers on CPU time (ITIMER_VIRTUAL, ITIMER_PROF, CPU clocks) are left to the kernel. */
#include "vt_timer.h"

#include "../base/mem.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"
#include "vt_thread.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000, READABLE_MS = 1000, SLACK_NS = 50000 };

static struct vt_timer *timer_find(const struct vt_proc *p, enum vt_timer_kind kind, int id)
{
    struct vt_timer *timer;

    for (timer = p->timers; timer != NULL; timer = timer->next)
        if (timer->kind == kind && timer->id == id)
            return timer;
    return NULL;
}

static struct vt_timer *timer_get(struct vt_proc *p, enum vt_timer_kind kind, int id)
{
    struct vt_timer *timer = timer_find(p, kind, id);

    if (timer == NULL) {
        timer = mem_zalloc(sizeof(*timer));
        timer->kind = kind;
        timer->id = id;
        timer->due = VT_DUE_NEVER;
        timer->copy_fd = -1;
        timer->next = p->timers;
        p->timers = timer;
    }
    return timer;
}

static void timer_remove(struct vt_proc *p, struct vt_timer *timer)
{
    struct vt_timer **at = &p->timers;

    while (*at != timer)
        at = &(*at)->next;
    *at = timer->next;
    if (timer->copy_fd >= 0)
        close(timer->copy_fd);
    mem_free(timer);
}

/* What is left, as struct itimerspec (unit 1 ns) or itimerval (1000 ns); both are four words. An
 * armed timer never has 0 left: that would mean unarmed. */
static bool write_left(struct vt_thread *t, uint64_t address, const struct vt_timer *timer,
                       int64_t unit_ns)
{
    int64_t left = 0, parts[4] = {0};

    if (timer != NULL && timer->due.at_ns != VT_NEVER) {
        left = vt_due_left(t->node, timer->due);
        if (left < unit_ns)
            left = unit_ns;
    }
    if (timer != NULL) {
        parts[0] = timer->interval_ns / SECOND_NS;
        parts[1] = timer->interval_ns % SECOND_NS / unit_ns;
    }
    parts[2] = left / SECOND_NS;
    parts[3] = left % SECOND_NS / unit_ns;
    return vt_mem_write(t, address, parts, sizeof(parts));
}

static bool read_setting(struct vt_thread *t, uint64_t address, int64_t unit_ns,
                         int64_t *ret_value_ns, int64_t *ret_interval_ns)
{
    int64_t parts[4], max = SECOND_NS / unit_ns;

    if (!vt_mem_read(t, address, parts, sizeof(parts)) || parts[0] < 0 || parts[2] < 0 ||
        parts[1] < 0 || parts[1] >= max || parts[3] < 0 || parts[3] >= max)
        return false;
    *ret_interval_ns = vt_time_of(parts[0], parts[1] * unit_ns);
    *ret_value_ns = vt_time_of(parts[2], parts[3] * unit_ns);
    return true;
}

static void timer_set(struct vt_thread *t, struct vt_timer *timer, int64_t value_ns,
                      int64_t interval_ns, bool absolute)
{
    timer->interval_ns = interval_ns;
    if (value_ns == 0)
        timer->due = VT_DUE_NEVER;
    else if (absolute)
        timer->due = vt_due_at(timer->clock, value_ns);
    else
        timer->due = vt_due_after(t->node, value_ns);
}

/* ---- alarm and setitimer ---- */

enum vt_verdict vt_sys_alarm(struct vt_thread *t)
{
    struct vt_timer *timer = timer_get(t->proc, VT_TIMER_REAL, 0);
    int64_t left = timer->due.at_ns == VT_NEVER ? 0 : vt_due_left(t->node, timer->due) + 1;

    timer_set(t, timer, (int64_t)(uint32_t)vt_arg(t, 0) * SECOND_NS, 0, false);
    vt_answer(t, (left + SECOND_NS - 1) / SECOND_NS);
    return VT_GO;
}

enum vt_verdict vt_sys_setitimer(struct vt_thread *t)
{
    struct vt_timer *timer;
    int64_t value_ns, interval_ns;

    if ((int)vt_arg(t, 0) != ITIMER_REAL ||
        !read_setting(t, vt_arg(t, 1), 1000, &value_ns, &interval_ns))
        return VT_GO;
    timer = timer_get(t->proc, VT_TIMER_REAL, 0);
    if (vt_arg(t, 2) != 0)
        write_left(t, vt_arg(t, 2), timer, 1000);
    timer_set(t, timer, value_ns, interval_ns, false);
    vt_answer(t, 0);
    return VT_GO;
}

enum vt_verdict vt_sys_getitimer(struct vt_thread *t)
{
    if ((int)vt_arg(t, 0) != ITIMER_REAL)
        return VT_GO;
    vt_answer(
        t, write_left(t, vt_arg(t, 1), timer_find(t->proc, VT_TIMER_REAL, 0), 1000) ? 0 : -EFAULT);
    return VT_GO;
}

/* ---- POSIX timers ---- */

/* Inside a PID namespace a thread bears another number than the one we know it by. */
static pid_t number_inside(pid_t tid)
{
    char path[64], line[256];
    pid_t inside = tid;
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%d/status", tid);
    status = fopen(path, "re");
    if (status == NULL)
        return tid;
    while (fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, "NSpid:", 6) == 0)
            inside = (pid_t)strtol(strrchr(line, '\t') + 1, NULL, 10); /* the innermost */
    fclose(status);
    return inside;
}

static pid_t number_outside(const struct vt_proc *p, pid_t inside)
{
    size_t i;

    for (i = 0; i < p->node->thread_count; i++)
        if (p->node->threads[i]->proc == p && number_inside(p->node->threads[i]->tid) == inside)
            return p->node->threads[i]->tid;
    return inside;
}

enum vt_verdict vt_sys_timer_create(struct vt_thread *t)
{
    int clock = (int)vt_arg(t, 0);

    if (clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
        return VT_GO;
    t->saved = *vt_regs(t);
    return vt_run_natively(t, VT_AFTER_TIMER_CREATE);
}

void vt_sys_timer_create_end(struct vt_thread *t)
{
    struct { /* the kernel's struct sigevent, as far as it reads it */
        uint64_t value;
        int signal, notify, tid;
    } event = {0, SIGALRM, SIGEV_SIGNAL, 0};
    struct vt_timer *timer;
    int id;

    if (vt_regs(t)->rax != 0 || !vt_mem_read(t, t->saved.rdx, &id, sizeof(id)))
        return;
    event.value = (uint64_t)id;
    if (t->saved.rsi != 0)
        vt_mem_read(t, t->saved.rsi, &event, 8 + 3 * sizeof(int));
    timer = timer_get(t->proc, VT_TIMER_POSIX, id);
    timer->clock = t->saved.rdi == CLOCK_REALTIME ? VT_WALL : VT_MONOTONIC;
    timer->signal = event.signal;
    timer->notify = event.notify;
    if (event.notify == SIGEV_THREAD_ID)
        timer->notify_tid = number_outside(t->proc, event.tid);
    timer->value = event.value;
}

enum vt_verdict vt_sys_timer_settime(struct vt_thread *t)
{
    struct vt_timer *timer = timer_find(t->proc, VT_TIMER_POSIX, (int)vt_arg(t, 0));
    int64_t value_ns, interval_ns;

    if (timer == NULL || !read_setting(t, vt_arg(t, 2), 1, &value_ns, &interval_ns))
        return VT_GO;
    if (vt_arg(t, 3) != 0)
        write_left(t, vt_arg(t, 3), timer, 1);
    timer_set(t, timer, value_ns, interval_ns, (vt_arg(t, 1) & TIMER_ABSTIME) != 0);
    vt_answer(t, 0);
    return VT_GO;
}

enum vt_verdict vt_sys_timer_gettime(struct vt_thread *t)
{
    struct vt_timer *timer = timer_find(t->proc, VT_TIMER_POSIX, (int)vt_arg(t, 0));

    if (timer == NULL)
        return VT_GO;
    vt_answer(t, write_left(t, vt_arg(t, 1), timer, 1) ? 0 : -EFAULT);
    return VT_GO;
}

enum vt_verdict vt_sys_timer_delete(struct vt_thread *t)
{
    struct vt_timer *timer = timer_find(t->proc, VT_TIMER_POSIX, (int)vt_arg(t, 0));

    if (timer != NULL)
        timer_remove(t->proc, timer);
    return VT_GO; /* the kernel has one of the same number, never armed */
}

/* ---- timerfds ---- */

static enum vt_clock_kind timerfd_clock(int fd)
{
    char path[64], text[512];
    const char *at;
    ssize_t len = -1;
    int info;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
    info = open(path, O_RDONLY | O_CLOEXEC);
    if (info >= 0) {
        len = read(info, text, sizeof(text) - 1);
        close(info);
    }
    if (len <= 0)
        return VT_MONOTONIC;
    text[len] = '\0';
    at = strstr(text, "clockid:");
    return at != NULL && strtol(at + 8, NULL, 10) == CLOCK_REALTIME ? VT_WALL : VT_MONOTONIC;
}

enum vt_verdict vt_sys_timerfd_settime(struct vt_thread *t)
{
    static const struct itimerspec unarmed;
    int64_t value_ns, interval_ns;
    struct vt_timer *timer;
    int copy = vt_proc_getfd(t->proc, (int)vt_arg(t, 0));

    if (copy < 0)
        return VT_GO;
    if (!read_setting(t, vt_arg(t, 2), 1, &value_ns, &interval_ns) ||
        timerfd_settime(copy, 0, &unarmed, NULL) < 0) { /* also forgets an unread expiry */
        close(copy);
        return VT_GO; /* the kernel says what is wrong */
    }
    timer = timer_get(t->proc, VT_TIMER_FD, (int)vt_arg(t, 0));
    if (vt_arg(t, 3) != 0)
        write_left(t, vt_arg(t, 3), timer, 1);
    if (timer->copy_fd >= 0)
        close(timer->copy_fd);
    timer->copy_fd = copy;
    timer->clock = timerfd_clock(copy);
    timer_set(t, timer, value_ns, interval_ns, (vt_arg(t, 1) & TFD_TIMER_ABSTIME) != 0);
    vt_answer(t, 0);
    return VT_GO;
}

enum vt_verdict vt_sys_timerfd_gettime(struct vt_thread *t)
{
    struct vt_timer *timer = timer_find(t->proc, VT_TIMER_FD, (int)vt_arg(t, 0));

    if (timer == NULL)
        return VT_GO;
    vt_answer(t, write_left(t, vt_arg(t, 1), timer, 1) ? 0 : -EFAULT);
    return VT_GO;
}

/* ---- firing ---- */

static void fire_fd(const struct vt_timer *timer)
{
    static const struct itimerspec at_once = {.it_value = {0, 1}};
    struct pollfd readable = {.fd = timer->copy_fd, .events = POLLIN};

    timerfd_settime(timer->copy_fd, 0, &at_once, NULL);
    while (poll(&readable, 1, READABLE_MS) < 0 && errno == EINTR)
        ;
}

static void fire_signal(const struct vt_proc *p, const struct vt_timer *timer)
{
    siginfo_t info = {.si_signo = timer->signal, .si_code = SI_TIMER};

    info.si_timerid = timer->id;
    info.si_value.sival_ptr = (void *)(uintptr_t)timer->value;
    if (timer->notify == SIGEV_THREAD_ID)
        syscall(SYS_rt_tgsigqueueinfo, p->tgid, timer->notify_tid, timer->signal, &info);
    else if (timer->notify != SIGEV_NONE)
        syscall(SYS_rt_sigqueueinfo, p->tgid, timer->signal, &info);
}

static void fire(struct vt_proc *p, struct vt_timer *timer)
{
    struct vt_node *n = p->node;
    int64_t now_ns = vt_clock_read(&n->clock, timer->due.kind, n->world->now_ns);

    if (timer->kind == VT_TIMER_FD)
        fire_fd(timer);
    else if (timer->kind == VT_TIMER_POSIX)
        fire_signal(p, timer);
    else
        kill(p->tgid, SIGALRM);
    if (timer->kind != VT_TIMER_FD)
        n->signals_sent++;
    if (timer->interval_ns == 0) {
        timer->due = VT_DUE_NEVER;
        return;
    }
    if (timer->interval_ns < SLACK_NS && now_ns < timer->due.at_ns + SLACK_NS)
        now_ns = timer->due.at_ns + SLACK_NS;
    timer->due.at_ns = vt_time_add(timer->due.at_ns, timer->interval_ns);
    if (timer->due.at_ns <= now_ns)
        timer->due.at_ns +=
            ((now_ns - timer->due.at_ns) / timer->interval_ns + 1) * timer->interval_ns;
}

int64_t vt_timers_when(const struct vt_proc *p)
{
    const struct vt_timer *timer;
    int64_t first = VT_NEVER, when;

    for (timer = p->timers; timer != NULL; timer = timer->next) {
        when = vt_clock_when(&p->node->clock, timer->due);
        if (when < first)
            first = when;
    }
    return first;
}

void vt_timers_fire(struct vt_node *n)
{
    struct vt_timer *timer;
    struct vt_proc *p;

    for (p = n->procs; p != NULL; p = p->next)
        for (timer = p->timers; timer != NULL; timer = timer->next)
            if (vt_due_past(n, timer->due))
                fire(p, timer);
}

void vt_timers_exec(struct vt_proc *p)
{
    struct vt_timer *timer = p->timers, *next;

    for (; timer != NULL; timer = next) {
        next = timer->next;
        if (timer->kind != VT_TIMER_REAL)
            timer_remove(p, timer);
    }
}

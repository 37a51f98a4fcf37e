/* Reading clocks, and sleeping.
 *
 * Clock reads come here only where the vDSO cannot serve them: programs that make the syscall
 * themselves, the clocks the page does not hold, and the look at a spinning program.
 *
 * CPU clocks (thread, process, times, getrusage) answer with a count, not with measured time: 10 us
 * for each syscall of the thread that we see, and what it was charged for being busy. They grow,
 * they are the same in every run, and a loop until so much CPU time is used ends. */
#include "vt_busy.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"
#include "vt_thread.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

enum { SECOND_NS = 1000000000, CLOCK_TICK_NS = 10000000, TIMER_SLACK_NS = 50000 };

static int64_t read_clock(const struct vt_thread *t, enum vt_clock_kind kind)
{
    return vt_clock_read(&t->node->clock, kind, t->node->world->now_ns);
}

static int64_t process_cpu_ns(const struct vt_thread *t)
{
    int64_t sum = 0;
    size_t i;

    for (i = 0; i < t->node->thread_count; i++)
        if (t->node->threads[i]->proc == t->proc)
            sum += t->node->threads[i]->cpu_ns;
    return sum;
}

static bool is_wall(int clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
           clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

/* CPU clocks of any kind: 2, 3 and the negative numbers that name a process or thread. In those
 * bit 2 is set for a thread. */
static bool is_cpu(int clock)
{
    return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID || clock < 0;
}

static bool is_thread_cpu(int clock)
{
    return clock == CLOCK_THREAD_CPUTIME_ID || (clock < 0 && (clock & 4) != 0);
}

static void answer_timespec(struct vt_thread *t, uint64_t address, int64_t ns)
{
    struct timespec ts = {ns / SECOND_NS, ns % SECOND_NS};

    vt_answer(t, vt_mem_write(t, address, &ts, sizeof(ts)) ? 0 : -EFAULT);
}

enum vt_verdict vt_sys_clock_gettime(struct vt_thread *t)
{
    int clock = (int)vt_arg(t, 0);

    if (is_cpu(clock)) {
        answer_timespec(t, vt_arg(t, 1), is_thread_cpu(clock) ? t->cpu_ns : process_cpu_ns(t));
        return VT_GO;
    }
    if (clock > CLOCK_TAI)
        return VT_GO; /* no such clock: the kernel says so */
    if (vt_busy_clock_read(t))
        return VT_STAY;
    answer_timespec(t, vt_arg(t, 1), read_clock(t, is_wall(clock) ? VT_WALL : VT_MONOTONIC));
    return VT_GO;
}

enum vt_verdict vt_sys_gettimeofday(struct vt_thread *t)
{
    uint64_t tv_at = vt_arg(t, 0), zone_at = vt_arg(t, 1);
    struct timezone zone = {0};
    struct timeval tv;
    bool fits = true;
    int64_t ns;

    if (vt_busy_clock_read(t))
        return VT_STAY;
    ns = read_clock(t, VT_WALL);
    tv = (struct timeval){ns / SECOND_NS, ns % SECOND_NS / 1000};
    if (tv_at != 0)
        fits = vt_mem_write(t, tv_at, &tv, sizeof(tv));
    if (zone_at != 0)
        fits = vt_mem_write(t, zone_at, &zone, sizeof(zone)) && fits;
    vt_answer(t, fits ? 0 : -EFAULT);
    return VT_GO;
}

enum vt_verdict vt_sys_time(struct vt_thread *t)
{
    int64_t seconds;

    if (vt_busy_clock_read(t))
        return VT_STAY;
    seconds = read_clock(t, VT_WALL) / SECOND_NS;
    if (vt_arg(t, 0) != 0)
        vt_mem_write(t, vt_arg(t, 0), &seconds, sizeof(seconds));
    vt_answer(t, seconds);
    return VT_GO;
}

enum vt_verdict vt_sys_times(struct vt_thread *t)
{
    struct tms tms = {.tms_utime = process_cpu_ns(t) / CLOCK_TICK_NS};

    if (vt_arg(t, 0) != 0)
        vt_mem_write(t, vt_arg(t, 0), &tms, sizeof(tms));
    vt_answer(t, read_clock(t, VT_MONOTONIC) / CLOCK_TICK_NS);
    return VT_GO;
}

enum vt_verdict vt_sys_getcpu(struct vt_thread *t)
{
    uint32_t none = 0;
    int i;

    for (i = 0; i < 2; i++)
        if (vt_arg(t, i) != 0)
            vt_mem_write(t, vt_arg(t, i), &none, sizeof(none));
    vt_answer(t, 0);
    return VT_GO;
}

enum vt_verdict vt_sys_getrusage(struct vt_thread *t)
{
    t->saved = *vt_regs(t);
    return vt_run_natively(t, VT_AFTER_RUSAGE);
}

void vt_sys_getrusage_end(struct vt_thread *t)
{
    int64_t ns = (int)t->saved.rdi == RUSAGE_THREAD     ? t->cpu_ns
                 : (int)t->saved.rdi == RUSAGE_CHILDREN ? 0
                                                        : process_cpu_ns(t);
    struct timeval times[2] = {{ns / SECOND_NS, ns % SECOND_NS / 1000}, {0, 0}};

    if (vt_regs(t)->rax == 0)
        vt_mem_write(t, t->saved.rsi, times, sizeof(times));
}

/* Sleeps until due; the answer, 0, is in the registers already. */
static enum vt_verdict sleep_until(struct vt_thread *t, struct vt_due due)
{
    if (!vt_due_past(t->node, due)) {
        t->saved = *vt_regs(t);
        vt_answer(t, 0);
        return vt_park(t, VT_WAIT_SLEEP, due);
    }
    return vt_sys_sched_yield(t);
}

static bool read_timespec(struct vt_thread *t, uint64_t address, int64_t *ret_ns)
{
    struct timespec ts;

    if (!vt_mem_read(t, address, &ts, sizeof(ts)) || ts.tv_nsec < 0 || ts.tv_nsec >= SECOND_NS ||
        ts.tv_sec < 0)
        return false;
    *ret_ns = vt_time_of(ts.tv_sec, ts.tv_nsec);
    return true;
}

/* Linux lets a sleep end up to 50 us late (prctl(2), PR_SET_TIMERSLACK). Very short ones do so
 * here: Go's monitor thread sleeps 20 us at a time, and half of its stops are saved. */
static int64_t with_slack(int64_t ns)
{
    return ns > 0 && ns < TIMER_SLACK_NS ? ns + TIMER_SLACK_NS : ns;
}

enum vt_verdict vt_sys_nanosleep(struct vt_thread *t)
{
    int64_t ns;

    if (!read_timespec(t, vt_arg(t, 0), &ns))
        return VT_GO; /* the kernel says what is wrong with it */
    return sleep_until(t, vt_due_after(t->node, with_slack(ns)));
}

enum vt_verdict vt_sys_clock_nanosleep(struct vt_thread *t)
{
    int clock = (int)vt_arg(t, 0);
    int64_t ns;

    if (is_cpu(clock) || clock > CLOCK_TAI || !read_timespec(t, vt_arg(t, 2), &ns))
        return VT_GO;
    if ((vt_arg(t, 1) & TIMER_ABSTIME) == 0)
        return sleep_until(t, vt_due_after(t->node, with_slack(ns)));
    return sleep_until(t, vt_due_at(is_wall(clock) ? VT_WALL : VT_MONOTONIC, ns));
}

/* A signal handler is to run: the rest of a relative sleep is told to the program. */
void vt_sleep_interrupt(struct vt_thread *t)
{
    int64_t left = vt_due_left(t->node, t->due);
    struct timespec ts = {left / SECOND_NS, left % SECOND_NS};
    uint64_t rest_at = 0;

    if (t->saved.orig_rax == SYS_nanosleep)
        rest_at = t->saved.rsi;
    else if (t->saved.orig_rax == SYS_clock_nanosleep && (t->saved.rsi & TIMER_ABSTIME) == 0)
        rest_at = t->saved.r10;
    if (rest_at != 0)
        vt_mem_write(t, rest_at, &ts, sizeof(ts));
    vt_answer(t, -EINTR);
}

/* Rotates; a thread that only yields, with nobody to yield to, lets a little time pass. */
enum vt_verdict vt_sys_sched_yield(struct vt_thread *t)
{
    vt_answer(t, 0);
    if (t->node->queue_head != NULL) {
        t->idle_yields = 0;
        vt_queue_push(t);
        return VT_STAY;
    }
    return vt_busy_yield(t) ? VT_STAY : VT_GO;
}

/* A file is being synced: that takes the time of the disk, then happens. */
enum vt_verdict vt_sys_sync(struct vt_thread *t)
{
    if (t->node->world->config->disk_latency_ns <= 0)
        return VT_GO;
    return vt_park(t, VT_WAIT_DISK, vt_due_after(t->node, t->node->world->config->disk_latency_ns));
}

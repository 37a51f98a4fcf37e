/* Problem: a program may fork, leave its group and session, close everything and be adopted by
 * another parent; still a crashed node must be gone at once and wholly, and nothing may be left
 * when we are killed ourselves with SIGKILL.
 *
 *     eddy --socket--> warden --fork--> keeper --fork--> first process --> ...
 *       \______________socket (orders, reports)___/
 *
 * Each node has a keeper, because a subreaper adopts all orphans below it: what is below a keeper
 * belongs to its node, however it was forked. One subreaper for all nodes was dropped: there an
 * orphan no longer shows whose it was. Laws:
 * 1. A keeper without children (ECHILD) has no descendants either: they would be its children.
 *    So "gone" is proved by wait(2), never by a time-out.
 * 2. The keeper outlives everything below it, unless it is process 1 of a PID namespace; then the
 *    kernel kills the rest with it.
 * 3. It waits for its socket and for the pidfd of our process: the socket alone would stay open in
 *    a process that we forked. */
#include "keeper.h"

#include "../base/clock.h"
#include "../base/mem.h"
#include "sandbox_parts.h"
#include "spawn.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PLANT_CAGE
#define PLANT_CAGE 0
#endif

enum { PAUSE_ROUNDS_MAX = 2000, ANSWER_MS_MAX = 20000 };

/* The keeper's own state; it is a process, so there is one. */
struct keeping {
    int control_fd;
    pid_t first;  /* the node's first process and group */
    bool ended;   /* first was reaped */
    int status;   /* of first */
    bool is_init; /* process 1 of a namespace */
    struct tree tree;
    const struct sandbox_plan *plan; /* NULL: no sandbox */
    struct sandbox_disk disk;
    int64_t looked_ns, looked_disk_ns; /* real time, when limits were looked at last */
    int64_t disk_took_ns;              /* the last look at the disk */
    struct sandbox_stop stop;          /* why we ended it */
};

/* ---- our end ---- */

void keeper_order(const struct keeper *k, enum keeper_order order)
{
    int32_t word = (int32_t)order;

    if (k->fd >= 0)
        (void)!send(k->fd, &word, sizeof(word), MSG_NOSIGNAL);
}

int keeper_hear(struct keeper *k, struct keeper_report *ret_report, int timeout_ms)
{
    struct pollfd waiting = {.fd = k->fd, .events = POLLIN};
    ssize_t len;

    if (k->fd < 0)
        return -1;
    while (poll(&waiting, 1, timeout_ms) < 0 && errno == EINTR)
        ;
    len = recv(k->fd, ret_report, sizeof(*ret_report), MSG_DONTWAIT);
    if (len < 0 && errno == EAGAIN)
        return 0;
    if (len != sizeof(*ret_report))
        return -1;
    if (ret_report->word == KEEPER_ENDED) {
        k->ended = true;
        k->end = *ret_report;
    }
    return 1;
}

bool keeper_ask(struct keeper *k, enum keeper_order order, enum keeper_word answer,
                struct keeper_report *ret_report)
{
    keeper_order(k, order);
    while (!k->ended && keeper_hear(k, ret_report, ANSWER_MS_MAX) > 0)
        if (ret_report->word == (int32_t)answer)
            return true;
    return false;
}

void keeper_close(struct keeper *k)
{
    if (k->fd >= 0)
        close(k->fd);
    *k = (struct keeper){.fd = -1};
}

/* ---- the keeper itself ---- */

static int64_t timeval_ns(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000000000 + (int64_t)t.tv_usec * 1000;
}

/* Reaps all that have ended. False: there are no children at all. */
static bool reap(struct keeping *k, bool wait)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, __WALL | (wait ? 0 : WNOHANG));

        if (pid < 0 && errno == EINTR)
            continue;
        if (pid < 0)
            return false;
        if (pid == 0)
            return true;
        if (pid == k->first) {
            k->ended = true;
            k->status = status;
        }
        wait = false;
    }
}

static void signal_below(struct keeping *k, int signal)
{
    size_t i;

    tree_below(&k->tree, getpid());
    for (i = 0; i < k->tree.len; i++)
        if (k->tree.process[i].state != 'Z')
            kill(k->tree.process[i].pid, signal);
}

static void kill_below(struct keeping *k)
{
    if (k->is_init)
        kill(-1, SIGKILL);
    else
        signal_below(k, SIGKILL);
}

/* All at once and not the first process before the rest: on the virtual clock that one is gone when
 * its tracer has taken note, which may be busy with another of them, as long as that one computes.
 */
static void kill_all(struct keeping *k)
{
    if (k->first > 0)
        kill(-k->first, SIGKILL);
    if (!k->ended)
        kill(k->first, SIGKILL);
    while (reap(k, false)) {
        if (PLANT_CAGE != 1)
            kill_below(k);
        else if (k->ended)
            return;
        reap(k, true);
    }
}

/* A process that forks may slip past one pass, and a signal needs a moment: pass until a picture
 * shows nobody awake. D is a parent in vfork, whose child was stopped: it cannot run. */
static void pause_all(struct keeping *k)
{
    int round;

    for (round = 0; round < PAUSE_ROUNDS_MAX; round++) {
        bool awake = false;
        size_t i;

        tree_below(&k->tree, getpid());
        for (i = 0; i < k->tree.len; i++) {
            const struct tree_process *p = &k->tree.process[i];

            if (strchr("TtZX", p->state) != NULL)
                continue;
            if (PLANT_CAGE != 4)
                kill(p->pid, SIGSTOP);
            awake = awake || p->state != 'D' || round < PAUSE_ROUNDS_MAX / 4;
        }
        if (!awake)
            return;
        sched_yield();
    }
}

static int64_t peak_of(pid_t pid)
{
    char path[64];
    char line[128];
    long long kib = 0;
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    status = fopen(path, "re");
    if (status == NULL)
        return 0;
    while (fgets(line, sizeof(line), status) != NULL)
        if (sscanf(line, "VmHWM: %lld", &kib) == 1)
            break;
    fclose(status);
    return kib * 1024;
}

/* Children that were waited for are in rusage; the living are asked one by one. */
static void measure(struct keeping *k, struct keeper_report *report)
{
    struct rusage used;
    size_t i;

    getrusage(RUSAGE_CHILDREN, &used);
    report->cpu_ns = timeval_ns(used.ru_utime) + timeval_ns(used.ru_stime);
    report->peak_bytes = (int64_t)used.ru_maxrss * 1024;
    if (!reap(k, false))
        return;
    tree_below(&k->tree, getpid());
    for (i = 0; i < k->tree.len; i++) {
        struct timespec spent;
        clockid_t clock;
        int64_t peak = peak_of(k->tree.process[i].pid);

        if (clock_getcpuclockid(k->tree.process[i].pid, &clock) == 0 &&
            clock_gettime(clock, &spent) == 0)
            report->cpu_ns += (int64_t)spent.tv_sec * 1000000000 + spent.tv_nsec;
        if (peak > report->peak_bytes)
            report->peak_bytes = peak;
    }
}

static void say(struct keeping *k, enum keeper_word word, int error)
{
    struct keeper_report report = {.word = (int32_t)word,
                                   .error = error,
                                   .status = k->status,
                                   .limit = (int32_t)k->stop.limit,
                                   .figure = k->stop.figure,
                                   .bound = k->stop.bound};

    if (word != KEEPER_PAUSED && word != KEEPER_RESUMED)
        measure(k, &report);
    (void)!send(k->control_fd, &report, sizeof(report), MSG_NOSIGNAL);
}

_Noreturn static void leave(struct keeping *k, enum keeper_word word)
{
    kill_all(k);
    say(k, word, 0);
    _exit(0);
}

static void obey(struct keeping *k)
{
    int32_t order;
    ssize_t len = recv(k->control_fd, &order, sizeof(order), MSG_DONTWAIT);

    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (len != sizeof(order) || order == KEEPER_KILL)
        leave(k, KEEPER_GONE);
    if (order == KEEPER_PAUSE) {
        pause_all(k);
        say(k, KEEPER_PAUSED, 0);
    } else if (order == KEEPER_RESUME) {
        signal_below(k, SIGCONT);
        say(k, KEEPER_RESUMED, 0);
    } else if (order == KEEPER_USAGE) {
        say(k, KEEPER_USED, 0);
    }
}

/* Limits that the kernel does not keep by itself: processor time of all processes together, the
 * data folder and, where no cgroup counts it, their memory. */
static bool is_watched(const struct keeping *k)
{
    const struct sandbox_spec *spec = k->plan != NULL ? &k->plan->spec : NULL;

    return spec != NULL &&
           (spec->limits.cpu_ns > 0 || (spec->level < SANDBOX_A && spec->limits.memory_bytes > 0));
}

/* A large folder takes long to look at: a quarter of our time is for that at most. */
static int64_t disk_pause_ns(const struct keeping *k)
{
    int64_t pause_ns = SANDBOX_DISK_MS * INT64_C(1000000);

    return pause_ns > 3 * k->disk_took_ns ? pause_ns : 3 * k->disk_took_ns;
}

/* How long to wait before the next look. */
static int watch_ms(const struct keeping *k)
{
    int64_t now_ns = clock_real_ns();
    int64_t due_ns = INT64_MAX;

    if (is_watched(k))
        due_ns = k->looked_ns + SANDBOX_WATCH_MS * INT64_C(1000000);
    if (k->disk.bound > 0 && k->looked_disk_ns + disk_pause_ns(k) < due_ns)
        due_ns = k->looked_disk_ns + disk_pause_ns(k);
    if (due_ns == INT64_MAX)
        return -1;
    return due_ns <= now_ns ? 0 : (int)((due_ns - now_ns) / 1000000) + 1;
}

static bool watch_disk(struct keeping *k)
{
    int64_t began_ns = clock_real_ns();
    bool passed;

    if (k->disk.bound <= 0 || began_ns - k->looked_disk_ns < disk_pause_ns(k))
        return false;
    passed = sandbox_disk_watch(&k->disk, getpid(), &k->stop);
    k->looked_disk_ns = clock_real_ns();
    k->disk_took_ns = k->looked_disk_ns - began_ns;
    return passed;
}

static bool watch_load(struct keeping *k)
{
    struct sandbox_load load;

    if (!is_watched(k) || clock_real_ns() - k->looked_ns < SANDBOX_WATCH_MS * INT64_C(1000000))
        return false;
    sandbox_load(getpid(), &load);
    k->looked_ns = clock_real_ns();
    return sandbox_watch(&k->plan->spec, &load, &k->stop);
}

/* By the clock and not when nothing else happens: a node that makes orphans without end would keep
 * us from ever looking. The disk first: to fill it takes processor time, and if we come late both
 * are broken. */
static void watch(struct keeping *k)
{
    if (!k->ended && (watch_disk(k) || watch_load(k)))
        leave(k, KEEPER_ENDED);
}

_Noreturn static void keep(struct keeping *k, int child_fd, int eddy_fd)
{
    struct pollfd waiting[3] = {
        {.fd = k->control_fd, .events = POLLIN},
        {.fd = child_fd, .events = POLLIN},
        {.fd = eddy_fd, .events = POLLIN},
    };

    for (;;) {
        struct signalfd_siginfo info;
        int count = poll(waiting, 3, watch_ms(k));

        watch(k);
        if (count < 0)
            continue;
        if (waiting[1].revents != 0)
            (void)!read(child_fd, &info, sizeof(info));
        reap(k, false);
        if (k->ended)
            leave(k, KEEPER_ENDED);
        if (waiting[0].revents != 0)
            obey(k);
        if (waiting[2].revents != 0)
            leave(k, KEEPER_GONE);
    }
}

_Noreturn void keeper_main(const struct keeper_task *task)
{
    struct keeping k = {
        .control_fd = task->control_fd, .is_init = getpid() == 1, .plan = task->plan};
    enum sandbox_step step = STEP_NONE;
    pid_t self = getpid();
    sigset_t child;
    int child_fd;
    int i;

    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    child_fd = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    k.first = child_fd < 0 ? -1 : fork();
    if (k.first == 0)
        spawn_child(task, self);
    if (k.first > 0 && task->plan != NULL && !sandbox_settle(task->plan, &step)) {
        spawn_sandbox_failed(task->gate_fd, (int)step);
        _exit(1);
    }
    if (k.first < 0) {
        int error = errno;

        k.first = 0;
        k.ended = true;
        say(&k, KEEPER_FAILED, error);
        _exit(1);
    }
    if (task->plan != NULL)
        sandbox_disk_init(&k.disk, &task->plan->spec, task->data);
    k.looked_ns = k.looked_disk_ns = clock_real_ns();
    setpgid(k.first, k.first); /* here and in the child, so that neither need wait */
    close(task->gate_fd);
    for (i = 0; i < 3; i++)
        close(task->stdio_fd[i]);
    keep(&k, child_fd, task->eddy_fd);
}

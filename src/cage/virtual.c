/* The virtual clock: unmodified programs in a world whose time jumps from event to event.
 *
 * We trace every thread of every node (ptrace; vt_*.c). A syscall that would wait is answered by
 * us instead: the thread is held until what it waits for has happened, or until its moment has
 * come. Computing takes no time. When every thread of every node waits, the clock moves to the
 * next moment anybody waits for, at once.
 *
 *      feed inboxes -> run each touched node to rest -> hear what they wrote -> something? report
 *           ^                                                                        | nothing
 *           `------- fire what is due <- now = first moment anybody waits for <------'
 *
 * Laws:
 * 1. Nodes run one after the other in the order of their numbers, threads of a node one at a time.
 *    With the seeds of chance (vt_entropy.c) that makes a run a function of program and seed.
 * 2. Time moves only while all nodes rest; callbacks are made only then.
 * 3. All traced processes die with us (PTRACE_O_EXITKILL), and with their keeper (keeper.h).
 *
 * Everything is on one processor: a stop costs about 20 us there and 240 us between two, and the
 * runtimes, seeing one processor, do not spin. Many runs at once are many processes.
 *
 * What was tried instead: a preloaded library (static programs and Go do not see it), seccomp
 * notifications (14 us a call instead of 18, but no hold on new threads, no view of exec, no cycle
 * counter). What stays outside: sockets to other machines, the rdrand instruction, times of files,
 * signalfd (its readiness is that of whoever asks, so our copy says nothing), and waits in the
 * kernel that we do not know (System V semaphores, message queues), which take real time. */
#include "../base/err.h"
#include "../base/mem.h"
#include "cage_internal.h"
#include "machine.h"
#include "net.h"
#include "spawn.h"
#include "tree.h"
#include "vt_busy.h"
#include "vt_disk.h"
#include "vt_entropy.h"
#include "vt_note.h"
#include "vt_ptrace.h"
#include "vt_release.h"
#include "vt_run.h"
#include "vt_stop.h"
#include "vt_thread.h"
#include "vt_wait.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEEPER_MS_MAX = 20000, KEEPER_LOOK_MS = 100, OWN_DESCRIPTORS = 256, COPIES_LEAST = 512 };

/* ---- open and close ---- */

static int check_machine(struct err *err)
{
    struct machine_probe missing;

    if (machine_has_virtual_clock(&missing))
        return 0;
    return err_set(err, ERR_MACHINE, "no virtual clock on this machine: %s: %s", missing.name,
                   missing.text);
}

static void on_tick_signal(int signal)
{
    (void)signal; /* it is there to interrupt waitpid */
}

/* The tick goes to this thread alone; SIGRTMAX is hardly ever used by others. The handler stays
 * when the cage is closed: another cage may be open. */
static int make_tick(struct vt *w, struct err *err)
{
    struct sigaction action = {.sa_handler = on_tick_signal};
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMAX};

    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    sigaction(SIGRTMAX, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &w->tick) < 0)
        return err_set_errno(err, ERR_MACHINE, "the virtual clock cannot make a timer");
    return 0;
}

/* Threads that wait have copies of their descriptors here, and a node may have a thousand for each
 * of its threads: as many as we may, but for what we need ourselves. The warden has been started
 * with the limit as it was, so nodes see no change. */
static int find_copies_max(void)
{
    struct rlimit limit;
    bool known = getrlimit(RLIMIT_NOFILE, &limit) == 0;

    if (known && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        known = setrlimit(RLIMIT_NOFILE, &limit) == 0 || getrlimit(RLIMIT_NOFILE, &limit) == 0;
    }
    if (!known || limit.rlim_cur > INT_MAX)
        return known ? INT_MAX : COPIES_LEAST;
    return limit.rlim_cur > COPIES_LEAST + OWN_DESCRIPTORS ? (int)limit.rlim_cur - OWN_DESCRIPTORS
                                                           : COPIES_LEAST;
}

static int virtual_open(struct cage *c, struct err *err)
{
    struct vt *w;
    int status = check_machine(err);
    uint32_t i;

    if (status < 0)
        return status;
    w = mem_zalloc(sizeof(*w));
    w->config = &c->config;
    w->report_count = &c->report_count;
    w->copies_max = find_copies_max();
    status = make_tick(w, err);
    if (status < 0) {
        mem_free(w);
        return status;
    }
    w->nodes = mem_zalloc(c->config.node_count * sizeof(*w->nodes));
    for (i = 0; i < c->config.node_count; i++) {
        struct vt_node *n = &w->nodes[i];

        n->world = w;
        n->id = i;
        vt_clock_init(&n->clock, c->config.seed, i);
        if (c->config.disk_dirs != NULL)
            n->disk = vt_disk_new(c->config.disk_dirs[i], c->config.seed, i);
        if (n->disk != NULL && c->plan != NULL)
            n->disk->bound_bytes = (uint64_t)c->plan->spec.limits.data_bytes;
    }
    c->clock = w;
    if (!c->config.entropy_real && !machine_fixes_addresses())
        vt_note(&w->nodes[0],
                "this machine does not let programs have the same addresses of memory "
                "in each run, so this run may not be repeatable (eddy doctor says "
                "more)");
    return 0;
}

static void virtual_close(struct cage *c)
{
    struct vt *w = c->clock;
    uint32_t i;

    for (i = 0; i < c->config.node_count; i++) {
        mem_free(w->nodes[i].threads);
        vt_disk_free(w->nodes[i].disk);
    }
    timer_delete(w->tick);
    mem_free(w->nodes);
    mem_free(w);
}

static struct vt_node *node_of(const struct cage *c, uint32_t node)
{
    const struct vt *w = c->clock;

    return &w->nodes[node];
}

/* ---- lives ---- */

/* From the gate to the first instruction of the program. 1: it stands there. 0: it ended. */
static int trace_to_exec(struct vt_thread *t, struct err *err)
{
    for (;;) {
        int status = vt_wait_blocking(t->tid);
        int event = status >> 16;

        if (status < 0 || !WIFSTOPPED(status))
            return 0;
        if (event == PTRACE_EVENT_EXEC)
            return vt_stop_exec(t, err) < 0 ? ERR_MACHINE : 1;
        t->regs_valid = false;
        if (event == 0 && !(WSTOPSIG(status) == SIGSEGV && vt_entropy_rdtsc(t)))
            t->resume_signal = WSTOPSIG(status);
        vt_resume(t);
    }
}

static int attach(struct vt_node *n, pid_t pid, struct err *err)
{
    static const uintptr_t options =
        PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
        PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL;

    if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) < 0)
        return err_set_errno(err, ERR_MACHINE, "the virtual clock cannot trace process %d", pid);
    n->main_tgid = pid;
    n->thread_number = 0;
    n->ended = false;
    n->inet_noted = false;
    if (n->disk != NULL)
        n->disk->trapped = false;
    vt_busy_rested(n);
    vt_entropy_start(n);
    vt_thread_new(vt_proc_new(n, pid, NULL), pid);
    return 0;
}

static int virtual_start(struct cage *c, struct node_life *life, int gate_fd, const char *path,
                         const char *cwd, struct err *err)
{
    struct vt_node *n = node_of(c, life->node);
    struct err why = {.text = ""};
    struct vt_thread *t;
    int status = n->disk != NULL ? vt_disk_start(n->disk, err) : 0;

    if (status == 0)
        status = attach(n, life->pid, err);

    if (status < 0)
        return status;
    t = n->threads[0];
    spawn_go(gate_fd);
    status = trace_to_exec(t, &why);
    if (status == 1) {
        vt_queue_push(t);
        n->life = life;
        n->touched = true;
        return 0;
    }
    if (status == 0) { /* it ended and said why at the gate */
        vt_thread_gone(t);
        status = spawn_result(gate_fd, true, path, cwd, err);
        return status < 0 ? status : err_set(err, ERR_MACHINE, "%s was killed at its start", path);
    }
    vt_bury_node(n);
    return err_set(err, status, "%s: %s", path, why.text);
}

/* A process that was killed before its birth was told is traced by us all the same: until we have
 * waited for it, its keeper cannot, and would say for ever that something is left. */
static void reap_untold(const struct cage *c)
{
    struct tree tree = {0};
    size_t i;

    tree_below(&tree, c->warden.pid);
    for (i = 0; i < tree.len; i++)
        if (tree.process[i].state == 'Z')
            (void)waitpid(tree.process[i].pid, NULL, __WALL | WNOHANG);
    tree_release(&tree);
}

/* The keeper's next word; false: it is gone, or does not answer. */
static bool hear_keeper(const struct cage *c, struct node_life *life, struct keeper_report *ret)
{
    int left_ms;

    for (left_ms = KEEPER_MS_MAX; left_ms > 0; left_ms -= KEEPER_LOOK_MS) {
        int heard = keeper_hear(&life->keeper, ret, KEEPER_LOOK_MS);

        if (heard != 0)
            return heard > 0;
        reap_untold(c);
    }
    return false;
}

static void virtual_kill(struct cage *c, struct node_life *life, struct keeper_report *ret_last)
{
    vt_bury_node(node_of(c, life->node));
    keeper_order(&life->keeper, KEEPER_KILL);
    while (!life->keeper.ended && hear_keeper(c, life, ret_last))
        if (ret_last->word == KEEPER_GONE)
            return;
    *ret_last = life->keeper.end;
}

static void virtual_ended(struct cage *c, struct node_life *life)
{
    struct vt_node *n = node_of(c, life->node);

    if (n->life != life)
        return;
    vt_bury_node(n);
    n->life = NULL;
    n->ended = false;
}

static void virtual_pause(struct cage *c, struct node_life *life)
{
    (void)c;
    (void)life; /* life->paused is looked at in each round */
}

static void virtual_resume(struct cage *c, struct node_life *life)
{
    node_of(c, life->node)->touched = true;
}

static void virtual_release(struct cage *c, struct node_life *life)
{
    vt_release(node_of(c, life->node));
}

static void virtual_wrote(struct cage *c, struct node_life *life)
{
    struct vt_node *n = node_of(c, life->node);

    n->touched = true;
    vt_busy_input(n);
}

static void virtual_set(struct cage *c, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    struct vt_node *n = node_of(c, node);

    vt_clock_set(&n->clock, n->world->now_ns, offset_ns, drift_ppm);
    n->touched = true;
}

static struct vt_disk *virtual_disk(const struct cage *c, uint32_t node)
{
    return node_of(c, node)->disk;
}

/* After its trap was set anew. */
static void virtual_untrap(struct cage *c, uint32_t node)
{
    node_of(c, node)->touched = true;
}

static int64_t virtual_now(const struct cage *c)
{
    const struct vt *w = c->clock;

    return w->now_ns;
}

static uint64_t virtual_stops(const struct cage *c)
{
    const struct vt *w = c->clock;

    return w->counts.stops;
}

/* ---- rounds ---- */

static bool may_run(const struct vt_node *n)
{
    return n->life != NULL && (!n->life->paused || PLANT_VT == 11) && !vt_disk_stands(n) &&
           n->held_until_ns <= n->world->now_ns;
}

/* Runs one node to rest, and again as long as its pipe takes more of its inbox. */
static void run_node(struct vt_node *n)
{
    size_t waiting;

    vt_publish_clocks(n);
    if (inbox_len(&n->life->inbox) > 0 || n->life->input_over)
        node_feed(n->life);
    do {
        vt_run(n);
        waiting = inbox_len(&n->life->inbox);
        if (waiting > 0 && !n->ended)
            node_feed(n->life);
    } while (inbox_len(&n->life->inbox) < waiting);
}

static bool has_native(const struct vt_node *n)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++)
        if (n->threads[i]->state == VT_NATIVE)
            return true;
    return false;
}

/* The first process ended: whatever else lives in the node dies, then the keeper says how. */
static void end_node(struct cage *c, struct vt_node *n)
{
    struct node_life *life = n->life;
    struct keeper_report report;

    vt_bury_node(n);
    while (!life->keeper.ended && hear_keeper(c, life, &report))
        ;
    if (!life->keeper.ended) { /* somebody killed the keeper */
        life->keeper.ended = true;
        life->keeper.end.status = SIGKILL;
    }
    node_end(c, life);
}

enum { FULL_FREE = 16, FULL_PAUSE_MIN_NS = 1000000, FULL_PAUSE_MAX_NS = 1000000000 };

/* The node may have waited for us to read its output. Computing is free, so one that writes without
 * end would never let the time go on: after FULL_FREE full pipes at one moment it pauses, each time
 * twice as long, until it has come to rest once. */
static void go_on_writing(struct vt_node *n)
{
    int64_t now_ns = n->world->now_ns;

    n->touched = true;
    if (n->full_at_ns != now_ns) {
        n->full_at_ns = now_ns;
        n->full_count = 0;
    }
    if (++n->full_count < FULL_FREE)
        return;
    n->full_pause_ns = n->full_pause_ns == 0 ? FULL_PAUSE_MIN_NS : 2 * n->full_pause_ns;
    if (n->full_pause_ns > FULL_PAUSE_MAX_NS)
        n->full_pause_ns = FULL_PAUSE_MAX_NS;
    n->held_until_ns = now_ns + n->full_pause_ns;
}

static void report_trap(struct cage *c, struct vt_node *n)
{
    c->report_count++;
    if (c->config.events.trapped != NULL)
        c->config.events.trapped(c->config.events.owner, n->id);
}

/* Reports what a node wrote. Callbacks may kill it, and start another in its place. */
static void hear_node(struct cage *c, struct vt_node *n)
{
    struct node_life *life = n->life;
    uint32_t number = life->number;
    bool heard = false;
    int more = n->out_events != 0;

    while (!c->hold && more > 0 && n->life == life && life->number == number) {
        more = node_hear_out(c, life);
        heard = heard || more > 0;
    }
    more = n->err_events != 0;
    while (more > 0 && n->life == life && life->number == number) {
        more = node_hear_err(c, life);
        heard = heard || more > 0;
    }
    if (n->life != life || life->number != number)
        return;
    if (n->ended)
        end_node(c, n);
    else if (vt_disk_stands(n) && n->ran)
        report_trap(c, n);
    else if (heard && has_native(n))
        go_on_writing(n);
    else
        n->full_pause_ns = 0;
}

/* Nodes that talk over sockets of this machine wake each other outside of our pipes. */
static void run_talking(const struct vt *w)
{
    bool woke;
    uint32_t i;

    do {
        woke = false;
        for (i = 0; i < w->config->node_count; i++) {
            struct vt_node *n = &w->nodes[i];

            if (!n->inet_noted || !may_run(n) || n->ended || !vt_run_look(n))
                continue;
            n->ran = true;
            woke = true;
            run_node(n);
        }
    } while (woke && !stop_asked());
}

/* Runs all that can run now and reports. True: a callback or a full pipe left more to run. */
static bool run_round(struct cage *c)
{
    struct vt *w = c->clock;
    bool more = false;
    uint32_t i;

    for (i = 0; i < c->config.node_count; i++) {
        struct vt_node *n = &w->nodes[i];

        n->ran = n->touched && may_run(n);
        if (n->ran)
            run_node(n);
    }
    do
        run_talking(w);
    while (c->net != NULL && PLANT_VT != 21 && net_hear(c->net));
    if (c->net != NULL && net_report(c->net))
        c->report_count++;
    for (i = 0; i < c->config.node_count; i++) {
        struct vt_node *n = &w->nodes[i];

        if (n->life != NULL && (n->ran || !c->hold != !w->held))
            hear_node(c, n);
        more = more || (n->touched && may_run(n));
    }
    w->held = c->hold;
    return more;
}

static int64_t next_due(const struct cage *c)
{
    const struct vt *w = c->clock;
    int64_t first = VT_NEVER;
    uint32_t i;

    for (i = 0; i < c->config.node_count; i++) {
        const struct vt_node *n = &w->nodes[i];
        int64_t when = may_run(n) ? vt_run_when(n) : VT_NEVER;

        if (n->life != NULL && !n->life->paused && n->held_until_ns > w->now_ns)
            when = n->held_until_ns;
        if (when < first)
            first = when;
    }
    return first;
}

static void fire_due(const struct cage *c)
{
    const struct vt *w = c->clock;
    uint32_t i;

    for (i = 0; i < c->config.node_count; i++) {
        struct vt_node *n = &w->nodes[i];

        if (may_run(n) && vt_run_when(n) <= w->now_ns) {
            vt_publish_clocks(n);
            vt_run_fire(n);
        }
    }
}

static void set_tick(const struct vt *w, long ns)
{
    struct itimerspec every = {{0, ns}, {0, ns}};

    timer_settime(w->tick, 0, &every, NULL);
}

static int wait_rounds(struct cage *c, int64_t until_ns, struct err *err)
{
    struct vt *w = c->clock;
    uint64_t before = c->report_count;

    for (;;) {
        int64_t due_ns;
        bool more;

        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped by a signal");
        more = run_round(c);
        if (c->report_count != before)
            return 0;
        if (more)
            continue;
        due_ns = next_due(c);
        if (due_ns > until_ns || due_ns == VT_NEVER) {
            if (until_ns == INT64_MAX)
                return CAGE_ASLEEP;
            if (until_ns > w->now_ns)
                w->now_ns = until_ns;
            return 0;
        }
        if (due_ns > w->now_ns)
            w->now_ns = due_ns;
        fire_due(c);
    }
}

static int virtual_wait(struct cage *c, int64_t until_ns, struct err *err)
{
    int status;

    set_tick(c->clock, VT_TICK_NS);
    status = wait_rounds(c, until_ns, err);
    set_tick(c->clock, 0);
    return status;
}

const struct cage_clock_ops cage_virtual_clock = {
    .traced = true,
    .network = true,
    .namespaces = true,
    .open = virtual_open,
    .close = virtual_close,
    .start = virtual_start,
    .kill = virtual_kill,
    .ended = virtual_ended,
    .pause = virtual_pause,
    .resume = virtual_resume,
    .release = virtual_release,
    .wrote = virtual_wrote,
    .set = virtual_set,
    .disk = virtual_disk,
    .untrap = virtual_untrap,
    .now = virtual_now,
    .stops = virtual_stops,
    .wait = virtual_wait,
};

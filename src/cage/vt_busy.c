/* Budgets of one step, that is of a node from being woken until all its threads wait.
 *
 *   clock reads       20,000 free; then each 256th costs 100 us
 *   empty waits       count as 500 clock reads each (a futex wait that is over)
 *   yields, sleep(0)  16 in a row free; then each costs 10 us
 *   syscalls we see   20,000 free ; then each 64th costs 100 us, after half a second each 4th
 *   births, execs     count as 16 syscalls each
 *   CPU                20 ms, then the next READY thread gets its turn; 2 s are free, of all
 *                     threads and processes together, and then real CPU time passes as virtual
 *                     time
 *
 * A price grows to a hundredth of what the node has been charged so far, up to 5 ms, so that a long
 * wait by spinning takes few charges; input that arrives ends a charge, so that a program which
 * looks for it in a loop answers at once. The first four are counted, so the same program is
 * charged at the same places in every run. The last is measured, and a run in which it happens is
 * not repeatable to the letter; CPU time of the process is measured, not time on the wall, so that
 * other load on the machine does not matter.
 *
 * A charge is a sleep, not a jump of world time inside the step: thus all other nodes and events
 * have their turn in order, and a node that spins for ever only fills its own time.
 *
 * The 2 s are the node's and not a thread's: two threads that spin, or processes that each compute
 * for a second and start the next, would otherwise never let it come to rest. What they use is
 * counted at ticks, so a process that is gone before its first tick is left out; most are not.
 *
 * A node charged for STUCK_NS without rest, that has not read what waits for it in the meantime,
 * is reported once; what to do about it is the caller's choice.
 *
 * Nodes that all compute for ever, as a program with a loop too many does, would each take that
 * long, one after the other on the processor: seven of them 84 s. So while another node computes
 * beyond its budget a node has a quarter of it, and what they have been charged for computing
 * counts together against STUCK_NS, for who has a fortieth of it himself: 15 s for seven. Looks at
 * the clock do not count together: they cost nobody's time. */
#include "vt_busy.h"

#include "cage_internal.h"
#include "vt_note.h"
#include "vt_ptrace.h"
#include "vt_thread.h"

#include <sys/ptrace.h>
#include <time.h>

enum {
    NO_WAIT_READS = 500,
    STOPS_FREE = 20000,
    STOPS_EVERY = 64,
    STOPS_OF_BIRTH = 16,
    SETTLED_SHARE = 16,
    CHARGE_NS = 100000,
    CHARGE_MAX_NS = 5000000,
    YIELDS_FREE = 16,
    YIELD_NS = 10000,
};

static const int64_t SLICE_NS = 20000000;
static const int64_t CPU_FREE_NS = 2000000000;
static const int64_t STUCK_NS = 10000000000;
static const int64_t OTHERS_CPU_FREE_NS = 500000000; /* while another node is over its budget */
enum { STUCK_SHARE = 40 };
static const int64_t SETTLED_NS = 500000000; /* charged: this is how the program waits */

/* A program that looks at its input in a loop is busy, but not stuck: it has read all there was, or
 * some more than at the last look. */
static bool reads_its_input(struct vt_node *n, size_t *ret_unread)
{
    uint64_t read_bytes;
    bool fine;

    *ret_unread = node_unread(n->life, &read_bytes);
    fine = *ret_unread == 0 || read_bytes != n->alive_read;
    n->alive_read = read_bytes;
    return fine;
}

/* What the nodes that have not come to rest were charged for computing. */
static int64_t computing_together(const struct vt *w)
{
    int64_t sum_ns = 0;
    uint32_t i;

    for (i = 0; i < w->config->node_count; i++)
        if (!w->nodes[i].ended)
            sum_ns += w->nodes[i].computing_ns;
    return sum_ns;
}

static bool is_long(const struct vt_node *n)
{
    const struct vt *w = n->world;
    int64_t max_ns = w->config->busy_max_ns > 0 ? w->config->busy_max_ns : STUCK_NS;

    return n->charged_ns - n->alive_ns >= max_ns ||
           (n->computing_ns >= max_ns / STUCK_SHARE && computing_together(w) >= max_ns);
}

static void look_for_life(struct vt_thread *t, const char *doing)
{
    struct vt_node *n = t->node;
    size_t unread;

    if (!is_long(n))
        return;
    if (reads_its_input(n, &unread)) {
        n->alive_ns = n->charged_ns;
        n->computing_ns = 0;
    } else {
        vt_stuck(t,
                 "%s without ever waiting: its node has been busy for %lld ms of virtual time and "
                 "left %zu bytes of its input unread; let it wait (sleep, poll, a condition with a "
                 "timeout) between its looks",
                 doing, (long long)((n->charged_ns - n->alive_ns) / 1000000), unread);
    }
}

static void charge(struct vt_thread *t, enum vt_wait wait, int64_t ns, const char *doing)
{
    struct vt_node *n = t->node;

    if (ns < CHARGE_MAX_NS && ns < n->charged_ns / 100)
        ns = n->charged_ns / 100 < CHARGE_MAX_NS ? n->charged_ns / 100 : CHARGE_MAX_NS;
    n->world->counts.charges++;
    n->charged_ns += ns;
    look_for_life(t, doing);
    t->cpu_ns += ns;
    vt_park(t, wait, vt_due_after(n, ns));
}

/* It has read some of its input since the last time somebody asked, and more waits: busy with work,
 * not with waiting. */
static bool works_on_input(struct vt_node *n)
{
    uint64_t read_bytes;
    size_t unread = node_unread(n->life, &read_bytes);
    bool works = unread > 0 && read_bytes != n->work_read;

    n->work_read = read_bytes;
    return works;
}

/* Each so many things are charged; more often the longer it has been going on. */
static uint64_t every(const struct vt_node *n, uint64_t count)
{
    return n->charged_ns < SETTLED_NS ? count : count / SETTLED_SHARE;
}

bool vt_busy_stop(struct vt_thread *t)
{
    struct vt_node *n = t->node;

    if (++n->stop_count <= STOPS_FREE || n->stop_count < n->stop_next)
        return false;
    n->stop_next = n->stop_count + every(n, STOPS_EVERY);
    if (works_on_input(n))
        return false;
    charge(t, VT_WAIT_CHARGE, CHARGE_NS, "makes one system call after the other");
    return true;
}

void vt_busy_birth(struct vt_node *n)
{
    n->stop_count += STOPS_OF_BIRTH;
}

bool vt_busy_clock_read(struct vt_thread *t)
{
    struct vt_node *n = t->node;

    if (t->paid) {
        t->paid = false;
        return false;
    }
    n->spin_count++;
    if (t->proc->page != NULL && t->proc->page->page->reads > n->spin_count)
        n->spin_count = t->proc->page->page->reads;
    if (n->spin_count <= VT_PAGE_READS_FREE || PLANT_VT == 12)
        return false;
    charge(t, VT_WAIT_CHARGE, CHARGE_NS, "reads the clock over and over");
    t->paid = true;
    return true;
}

bool vt_busy_no_wait(struct vt_thread *t)
{
    struct vt_node *n = t->node;

    n->spin_count += NO_WAIT_READS;
    if (n->spin_count <= VT_PAGE_READS_FREE)
        return false;
    charge(t, VT_WAIT_BUSY, CHARGE_NS, "asks for waits that are over at once, again and again");
    return true;
}

bool vt_busy_yield(struct vt_thread *t)
{
    if (++t->idle_yields <= YIELDS_FREE)
        return false;
    charge(t, VT_WAIT_BUSY, YIELD_NS, "yields the processor again and again");
    return true;
}

/* CPU time of the whole process: only one of its threads runs at a time, and other processes may
 * not ask for a single thread's. */
static int64_t process_cpu_ns(const struct vt_thread *t)
{
    clockid_t clock = (clockid_t)((~(unsigned)t->proc->tgid << 3) | 2);
    struct timespec ts;

    if (clock_gettime(clock, &ts) < 0)
        return 0;
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* What is older than a few ticks was used in steps before, at whose ticks others ran. */
bool vt_busy_computed(struct vt_thread *t)
{
    int64_t cpu_ns = process_cpu_ns(t);
    int64_t used_ns = cpu_ns - t->proc->cpu_seen_ns;

    t->proc->cpu_seen_ns = cpu_ns;
    if (used_ns > 0)
        t->node->computed_ns += used_ns < SLICE_NS ? used_ns : SLICE_NS;
    return used_ns > VT_TICK_NS / 2;
}

static int64_t cpu_free_ns(const struct vt_node *n)
{
    return computing_together(n->world) > n->computing_ns ? OTHERS_CPU_FREE_NS : CPU_FREE_NS;
}

static bool is_over_budget(const struct vt_thread *t, int64_t used_ns)
{
    int64_t free_ns = cpu_free_ns(t->node);

    return t->node->computed_ns >= free_ns || (t->node->queue_head == NULL && used_ns >= free_ns);
}

bool vt_busy_tick(struct vt_thread *t)
{
    int64_t cpu_ns = process_cpu_ns(t), used_ns;

    if (t->burst_start_ns == 0)
        t->burst_start_ns = cpu_ns;
    used_ns = cpu_ns - t->burst_start_ns;
    if (!is_over_budget(t, used_ns) && (t->node->queue_head == NULL || used_ns < SLICE_NS))
        return false;
    t->interrupt = VT_INTERRUPT_ROTATE;
    ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
    return true;
}

/* t and the threads of its node that would compute as well: they share one processor. */
static int64_t sharers(const struct vt_thread *t)
{
    const struct vt_node *n = t->node;
    int64_t count = 1;
    size_t i;

    for (i = 0; i < n->thread_count; i++)
        count += n->threads[i] != t &&
                 (n->threads[i]->state == VT_READY || n->threads[i]->wait == VT_WAIT_BUSY);
    return count;
}

void vt_busy_rotate(struct vt_thread *t)
{
    int64_t cpu_ns = process_cpu_ns(t);
    int64_t used_ns = cpu_ns - t->burst_start_ns;

    if (!is_over_budget(t, used_ns)) {
        t->burst_start_ns = 0;
        vt_queue_push(t);
        return;
    }
    /* From here on each tick of CPU is one of virtual time. */
    t->node->computing_ns += VT_TICK_NS;
    charge(t, VT_WAIT_BUSY, VT_TICK_NS * sharers(t), "computes");
    t->burst_start_ns = cpu_ns - CPU_FREE_NS;
}

void vt_busy_rested(struct vt_node *n)
{
    struct vt_proc *p;

    for (p = n->procs; p != NULL; p = p->next)
        if (p->page != NULL)
            p->page->page->reads = 0;
    n->spin_count = 0;
    n->stop_count = n->stop_next = 0;
    n->computed_ns = 0;
    n->charged_ns = 0;
    n->computing_ns = 0;
    n->alive_ns = 0;
    n->stuck_reported = false;
}

void vt_busy_input(struct vt_node *n)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++) {
        struct vt_thread *t = n->threads[i];
        if (t->state == VT_PARKED && (t->wait == VT_WAIT_BUSY || t->wait == VT_WAIT_CHARGE))
            t->due = vt_due_after(n, 0);
    }
}

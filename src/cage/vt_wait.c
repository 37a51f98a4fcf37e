/* Waiting for a stop is a plain waitpid. A thread that blocks in a call which does not stop (a
 * write to a full pipe, a lock on a file) would leave us there for ever, so a tick interrupts
 * waitpid each 4 ms of real time: twice seen asleep, the thread is interrupted and its call
 * restarted as a native one. The tick also sees threads that compute without end (vt_busy.c), and a
 * process that waits for us to bury its dead threads (exec and exit do).
 *
 * We wait for threads by name, never for just any child: other parts of the program have children
 * too, and the order in which reports are taken must be ours. */
#include "vt_wait.h"

#include "vt_busy.h"
#include "vt_note.h"
#include "vt_ptrace.h"
#include "vt_stop.h"
#include "vt_thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    ASLEEP_TICKS = 2,   /* seen asleep so often: it is blocked */
    SETTLE_SPINS = 100, /* looks at a thread about to block before we sleep between looks */
    SETTLE_US = 200,
    HUNG_SPINS = 50000, /* 10 s of such looks */
};

/* ---- death ---- */

int vt_wait_look(pid_t tid, int *ret_status)
{
    int got;

    while ((got = waitpid(tid, ret_status, __WALL | WNOHANG)) < 0 && errno == EINTR)
        ;
    return got;
}

static bool is_leader(const struct vt_thread *t)
{
    return t->tid == t->proc->tgid;
}

/* Waits until this thread has ended. Stops on the way (they can be queued) are ended by the kill
 * that is under way. */
static void bury_thread(struct vt_thread *t)
{
    for (;;) {
        int status = vt_wait_blocking(t->tid);

        if (status < 0 || !WIFSTOPPED(status))
            break;
        ptrace(PTRACE_CONT, t->tid, NULL, NULL);
    }
    vt_thread_gone(t);
}

/* The kernel reports the leader last, so it is buried last. */
void vt_bury(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    struct vt_proc *p = t->proc;
    struct vt_thread *leader = NULL;
    size_t i = n->thread_count;

    while (i-- > 0) {
        struct vt_thread *x = n->threads[i];

        if (x->proc != p)
            continue;
        if (is_leader(x))
            leader = x;
        else
            bury_thread(x);
    }
    if (leader != NULL)
        bury_thread(leader);
}

void vt_bury_node(struct vt_node *n)
{
    struct vt_proc *p;

    for (p = n->procs; p != NULL; p = p->next)
        kill(p->tgid, SIGKILL);
    while (n->thread_count > 0)
        vt_bury(n->threads[n->thread_count - 1]);
}

/* ---- waiting for one thread ---- */

/* Takes reports of the other threads of the process without waiting. */
static void sweep(struct vt_proc *p, const struct vt_thread *except)
{
    struct vt_node *n = p->node;
    size_t i = n->thread_count;

    while (i-- > 0) {
        struct vt_thread *x = n->threads[i];
        int status;

        if (x->proc != p || x == except || x->state == VT_NATIVE)
            continue;
        if (vt_wait_look(x->tid, &status) <= 0)
            continue;
        if (vt_stop(x, status) == VT_GO)
            vt_queue_push(x);
        if (i > n->thread_count)
            i = n->thread_count;
    }
}

static bool is_known(const struct vt_node *n, const struct vt_thread *t)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++)
        if (n->threads[i] == t)
            return true;
    return false;
}

/* waitpid knows no such thread: it executed a program and bears its process's number now, or it is
 * being buried with the others. */
enum vt_waited vt_wait_vanished(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    struct vt_thread *leader = vt_thread_find(n, t->proc->tgid);
    int status;

    if (leader == NULL || leader == t || (status = vt_wait_blocking(leader->tid)) < 0) {
        vt_thread_gone(t);
        return VT_WAITED_GONE;
    }
    if (vt_stop(leader, status) == VT_GO) /* an exec stop takes t out of the tables */
        vt_queue_push(leader);
    return VT_WAITED_GONE;
}

/* A tick: real time has passed while the thread ran. The kernel works 30 us for its letter, so it
 * is not asked about a thread that simply computes. */
static enum vt_waited on_tick(struct vt_thread *t, int *asleep)
{
    struct vt_node *n = t->node;
    char state = vt_busy_computed(t) ? 'R' : vt_kernel_state(t);

    n->world->counts.ticks++;
    if (state == 'R' || state == 't') {
        *asleep = 0;
        vt_busy_tick(t);
        return VT_WAITED_STOP;
    }
    sweep(t->proc, t); /* an exec or exit may wait for its siblings to be buried */
    if (!is_known(n, t))
        return VT_WAITED_GONE;
    if (state == 'S' && ++*asleep >= ASLEEP_TICKS) {
        t->interrupt = VT_INTERRUPT_BLOCKED;
        ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
        *asleep = 0;
    }
    if (state == 'Z' && is_leader(t) && t->proc->thread_count > 1) {
        t->state = VT_NATIVE; /* the main thread ended, the others go on */
        return VT_WAITED_BLOCKED;
    }
    return VT_WAITED_STOP;
}

void vt_wait_settle(struct vt_thread *t, int spins)
{
    sched_yield(); /* we share the processor: let it run */
    if (spins > SETTLE_SPINS)
        usleep(SETTLE_US);
    if (spins == HUNG_SPINS)
        vt_stuck(t,
                 "has been held up in the kernel for 10 s of real time (state %c); is a file "
                 "system that it uses not answering?",
                 vt_kernel_state(t));
}

/* It runs a call that may block in the kernel: its stop, or BLOCKED once it sleeps there. What is
 * read of its state is two files, and it runs on meanwhile: on its way to a stop it may look
 * asleep. Then its report is there by now; so the look comes after the state, and is the only one.
 */
static enum vt_waited wait_native(struct vt_thread *t, int *ret_status)
{
    char state = 'R';
    int spins;

    for (spins = 0;; spins++) {
        int got = vt_wait_look(t->tid, ret_status);

        if (got > 0)
            return VT_WAITED_STOP;
        if (got < 0)
            return vt_wait_vanished(t);
        if (state == 'S' || (state == 'Z' && is_leader(t))) {
            t->state = VT_NATIVE;
            t->node->world->counts.natives++;
            return VT_WAITED_BLOCKED;
        }
        vt_wait_settle(t, spins);
        state = vt_kernel_state(t);
    }
}

enum vt_waited vt_wait_thread(struct vt_thread *t, int *ret_status)
{
    int asleep = 0;

    if (t->after == VT_AFTER_NATIVE || t->after == VT_AFTER_SIGWAIT)
        return wait_native(t, ret_status);
    for (;;) {
        if (waitpid(t->tid, ret_status, __WALL) > 0)
            return VT_WAITED_STOP;
        if (errno == EINTR) {
            enum vt_waited waited = on_tick(t, &asleep);

            if (waited != VT_WAITED_STOP)
                return waited;
        } else {
            return vt_wait_vanished(t);
        }
    }
}

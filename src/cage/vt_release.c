/* Only one tracer can hold a thread, and it can leave it only while it is stopped. Threads at rest
 * are so already (PARKED, or READY and held) but for those that sleep in the kernel (NATIVE): these
 * are interrupted first. The SIGSTOP waits for every thread on its way: a thread that is left at
 * the start of a syscall begins it, is interrupted by the signal, and stops.
 *
 * It must not go on afterwards. Its seccomp filter still asks for a tracer, and without one that
 * answers, the kernel refuses each call that we would have seen (ENOSYS). */
#include "vt_release.h"

#include "vt_ptrace.h"
#include "vt_thread.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* False: it has ended. */
static bool hold(struct vt_thread *t)
{
    int status;

    if (t->state != VT_NATIVE)
        return true;
    ptrace(PTRACE_INTERRUPT, t->tid, NULL, NULL);
    status = vt_wait_blocking(t->tid);
    t->regs_valid = false;
    return status >= 0 && WIFSTOPPED(status);
}

static void leave(struct vt_thread *t)
{
    if (!hold(t))
        return;
    if (t->regs_dirty)
        ptrace(PTRACE_SETREGS, t->tid, NULL, &t->regs);
    ptrace(PTRACE_DETACH, t->tid, NULL, NULL);
}

void vt_release(struct vt_node *n)
{
    struct vt_proc *p;
    size_t i;

    for (p = n->procs; p != NULL; p = p->next)
        kill(p->tgid, SIGSTOP);
    for (i = 0; i < n->thread_count; i++)
        leave(n->threads[i]);
    n->queue_head = n->queue_tail = NULL;
    n->queue_len = 0;
    while (n->thread_count > 0)
        vt_thread_gone(n->threads[n->thread_count - 1]);
}

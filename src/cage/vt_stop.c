/* Every report about a thread is one of these:
 *
 *   ended                        thread and perhaps process leave the tables; who is killed by a
 *                                signal is not alone, so the held ones are looked at
 *   seccomp stop                 the start of a syscall on our list: vt_syscall.c judges
 *   syscall stop                 the end of one that we let run and wanted to see end
 *   clone, fork, vfork           a new thread or process, READY; a vfork parent waits natively
 *   exec                         a new image: page and vDSO are put in place (vt_vdso.c)
 *   event stop                   we asked for it (rotation, a blocked call), or a job-control stop
 *   a signal                     passed on, except the fault of a rdtsc */
#include "vt_stop.h"

#include "../base/err.h"
#include "vt_busy.h"
#include "vt_entropy.h"
#include "vt_note.h"
#include "vt_ptrace.h"
#include "vt_run.h"
#include "vt_syscall.h"
#include "vt_thread.h"
#include "vt_timer.h"
#include "vt_vdso.h"
#include "vt_wait.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static enum vt_verdict on_birth(struct vt_thread *t, int event)
{
    unsigned long message = 0;
    struct vt_proc *p = t->proc;
    struct vt_thread *born;
    pid_t tid;

    vt_busy_birth(t->node);
    if (ptrace(PTRACE_GETEVENTMSG, t->tid, NULL, &message) < 0)
        return VT_GO;
    tid = (pid_t)message;
    if (vt_wait_blocking(tid) < 0) /* its first stop; it may have been killed already */
        return VT_GO;
    /* A thread of the same process answers to a signal 0 sent to (process, thread). */
    if (event != PTRACE_EVENT_CLONE || syscall(SYS_tgkill, p->tgid, tid, 0) < 0)
        p = vt_proc_new(t->node, tid, t->proc);
    born = vt_thread_new(p, tid);
    vt_queue_push(born);
    if (event != PTRACE_EVENT_VFORK)
        return VT_GO;
    t->in_vfork = true;
    vt_resume(t);
    t->state = VT_NATIVE;
    return VT_STAY;
}

static bool is_32_bit(pid_t tid)
{
    char path[64], head[5] = "";
    ssize_t len = 0;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/exe", tid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, head, sizeof(head));
        close(fd);
    }
    return len == sizeof(head) && head[4] == 1; /* ELFCLASS32 */
}

/* The other threads of the process are gone, whatever we knew of them. */
static void only_thread(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    size_t i = 0;

    while (i < n->thread_count) {
        struct vt_thread *other = n->threads[i];

        if (other != t && other->proc == t->proc)
            vt_thread_gone(other);
        else
            i++;
    }
}

static void forget_image(struct vt_proc *p)
{
    vt_page_release(p->page);
    p->page = NULL;
    if (p->pidfd >= 0)
        close(p->pidfd);
    p->pidfd = -1;
    vt_timers_exec(p);
}

int vt_stop_exec(struct vt_thread *t, struct err *err)
{
    int status;

    only_thread(t);
    forget_image(t->proc);
    if (is_32_bit(t->tid))
        return err_set(err, ERR_INPUT,
                       "it is a 32-bit program, which cannot run in virtual time; build it for "
                       "x86-64, or use the real clock");
    ptrace(PTRACE_SYSCALL, t->tid, NULL, NULL); /* on to the end of execve */
    status = vt_wait_blocking(t->tid);
    t->regs_valid = false;
    if (status < 0 || !WIFSTOPPED(status))
        return err_set(err, ERR_MACHINE, "it was killed while it started");
    status = vt_vdso_take_over(t, err);
    if (status == 0)
        vt_publish_clocks(t->node);
    return status;
}

static enum vt_verdict on_exec(struct vt_thread *t)
{
    struct err err = {.text = ""};

    vt_busy_birth(t->node);
    if (vt_stop_exec(t, &err) == 0)
        return VT_GO;
    vt_note(t->node, "a program that it started was killed: %s", err.text);
    kill(t->proc->tgid, SIGKILL);
    vt_bury(t);
    return VT_STAY;
}

static enum vt_verdict on_event_stop(struct vt_thread *t, int signal)
{
    enum vt_interrupt why = t->interrupt;

    if (signal != SIGTRAP) { /* SIGSTOP and the like: it stays stopped until SIGCONT */
        t->group_stopped = true;
        ptrace(PTRACE_LISTEN, t->tid, NULL, NULL);
        t->state = VT_NATIVE;
        return VT_STAY;
    }
    t->group_stopped = false;
    t->interrupt = VT_INTERRUPT_NONE;
    if (why == VT_INTERRUPT_ROTATE) {
        vt_busy_rotate(t);
        return VT_STAY;
    }
    if (why == VT_INTERRUPT_BLOCKED)
        return vt_run_natively(t, VT_AFTER_NATIVE);
    return VT_GO;
}

static enum vt_verdict on_syscall_stop(struct vt_thread *t)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, t->tid, (void *)sizeof(info), &info) > 0 &&
        info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        t->resume_request = PTRACE_SYSCALL; /* restarted after an interrupt: its end is wanted */
        return VT_GO;
    }
    return vt_syscall_end(t);
}

static enum vt_verdict on_signal(struct vt_thread *t, int signal)
{
    if (signal == SIGSEGV && !t->node->world->config->entropy_real && vt_entropy_rdtsc(t))
        return VT_GO;
    t->resume_signal = signal;
    return VT_GO;
}

enum vt_verdict vt_stop(struct vt_thread *t, int status)
{
    int event, signal;

    t->node->world->counts.stops++;
    t->regs_valid = false;
    if (WIFSIGNALED(status) && PLANT_VT != 23)
        t->node->signals_sent++; /* it has killed the threads that are held as well */
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        vt_thread_gone(t);
        return VT_STAY;
    }
    event = status >> 16;
    signal = WSTOPSIG(status);
    switch (event) {
    case PTRACE_EVENT_SECCOMP:
        t->after = VT_AFTER_NONE;
        return vt_syscall(t);
    case PTRACE_EVENT_CLONE:
    case PTRACE_EVENT_FORK:
    case PTRACE_EVENT_VFORK:
        return on_birth(t, event);
    case PTRACE_EVENT_VFORK_DONE:
        t->in_vfork = false;
        return VT_GO;
    case PTRACE_EVENT_EXEC:
        return on_exec(t);
    case PTRACE_EVENT_STOP:
        return on_event_stop(t, signal);
    default:
        return signal == (SIGTRAP | 0x80) ? on_syscall_stop(t) : on_signal(t, signal);
    }
}

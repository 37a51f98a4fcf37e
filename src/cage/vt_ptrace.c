/* Costs on a virtual machine, same processor: a stop is 10 to 15 us, two thirds of it the two
 * switches between processes; fetching the registers 1.1 us, writing them 1.6, reading memory 1.6,
 * a copy of a descriptor 1.2. So registers are cached for the length of a stop, and a syscall that
 * we let pass costs one fetch and no write. */
#include "vt_ptrace.h"

#include "../base/assert.h"
#include "vt_world.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

struct user_regs_struct *vt_regs(struct vt_thread *t)
{
    if (!t->regs_valid) {
        if (ptrace(PTRACE_GETREGS, t->tid, NULL, &t->regs) < 0)
            memset(&t->regs, 0, sizeof(t->regs));
        t->regs_valid = true;
    }
    return &t->regs;
}

void vt_regs_changed(struct vt_thread *t)
{
    t->regs_dirty = true;
}

void vt_answer(struct vt_thread *t, int64_t value)
{
    struct user_regs_struct *r = vt_regs(t);

    r->orig_rax = (unsigned long long)-1; /* the kernel skips a syscall with this number */
    r->rax = (unsigned long long)value;
    t->regs_dirty = true;
}

void vt_return(struct vt_thread *t, int64_t value)
{
    vt_answer(t, value); /* without a number the kernel does not restart it either */
}

uint64_t vt_arg(struct vt_thread *t, int i)
{
    const struct user_regs_struct *r = vt_regs(t);

    switch (i) {
    case 0:
        return r->rdi;
    case 1:
        return r->rsi;
    case 2:
        return r->rdx;
    case 3:
        return r->r10;
    case 4:
        return r->r8;
    default:
        return r->r9;
    }
}

uint64_t vt_syscall_number(struct vt_thread *t)
{
    return vt_regs(t)->orig_rax;
}

bool vt_mem_read_parts(struct vt_thread *t, const struct vt_part *parts, int count)
{
    struct iovec ours[VT_PARTS_MAX], theirs[VT_PARTS_MAX];
    size_t len = 0;
    int i;

    ASSERT(count <= VT_PARTS_MAX);
    for (i = 0; i < count; i++) {
        ours[i] = (struct iovec){parts[i].into, parts[i].len};
        theirs[i] = (struct iovec){(void *)(uintptr_t)parts[i].address, parts[i].len};
        len += parts[i].len;
    }
    return process_vm_readv(t->tid, ours, (unsigned long)count, theirs, (unsigned long)count, 0) ==
           (ssize_t)len;
}

bool vt_mem_read(struct vt_thread *t, uint64_t address, void *into, size_t len)
{
    const struct vt_part part = {address, into, len};

    return vt_mem_read_parts(t, &part, 1);
}

bool vt_mem_write(struct vt_thread *t, uint64_t address, const void *from, size_t len)
{
    struct iovec ours = {(void *)(uintptr_t)from, len};
    struct iovec theirs = {(void *)(uintptr_t)address, len};

    return process_vm_writev(t->tid, &ours, 1, &theirs, 1, 0) == (ssize_t)len;
}

void vt_resume(struct vt_thread *t)
{
    int request = t->resume_request;
    int signal = t->resume_signal;

    if (t->regs_dirty)
        ptrace(PTRACE_SETREGS, t->tid, NULL, &t->regs);
    t->regs_dirty = false;
    t->regs_valid = false;
    t->resume_request = PTRACE_CONT;
    t->resume_signal = 0;
    t->state = VT_RUNNING;
    t->signals_seen = t->node->signals_sent;
    ptrace((enum __ptrace_request)request, t->tid, NULL, (void *)(uintptr_t)signal);
}

int vt_wait_blocking(pid_t tid)
{
    int status;

    while (waitpid(tid, &status, __WALL) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/* A thread that is about to sleep calls itself asleep before it has looked whether it must, and may
 * lose the processor in between: then it will go on by itself, and to take it for blocked would
 * let time jump over it. The kernel names the place a thread sleeps at (wchan) only once it has
 * left the run queue. Where a kernel names no places at all, this says no for ever, and the callers
 * give up after a while. */
static bool left_run_queue(struct vt_thread *t)
{
    char text[64];
    ssize_t len = -1;
    int fd;

    snprintf(text, sizeof(text), "/proc/%d/wchan", t->tid);
    fd = open(text, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        len = read(fd, text, sizeof(text));
        close(fd);
    }
    return len > 0 && !(len == 1 && text[0] == '0');
}

static char sleep_state(struct vt_thread *t)
{
    static const unsigned LOOKS_MAX = 1000; /* with the callers' pauses, some 0.2 s */
    struct vt *w = t->node->world;

    if (w->no_wchan || left_run_queue(t)) {
        t->doubtful_looks = 0;
        return 'S';
    }
    if (++t->doubtful_looks < LOOKS_MAX)
        return 'R';
    w->no_wchan = true;
    return 'S';
}

char vt_kernel_state(struct vt_thread *t)
{
    char text[512];
    ssize_t len;
    char *end;

    if (t->stat_fd < 0) {
        snprintf(text, sizeof(text), "/proc/%d/stat", t->tid);
        t->stat_fd = open(text, O_RDONLY | O_CLOEXEC);
    }
    len = pread(t->stat_fd, text, sizeof(text) - 1, 0);
    if (len <= 0)
        return 'X';
    text[len] = '\0';
    end = strrchr(text, ')'); /* the name before may hold anything */
    if (end == NULL || end[1] == '\0')
        return 'X';
    return end[2] == 'S' ? sleep_state(t) : end[2];
}

int64_t vt_inject(struct vt_thread *t, uint64_t insn, long number, const uint64_t args[6])
{
    struct user_regs_struct saved, r;
    int stops = 0;

    if (ptrace(PTRACE_GETREGS, t->tid, NULL, &saved) < 0)
        return -ESRCH;
    r = saved;
    r.rip = insn;
    r.rax = (unsigned long long)number;
    r.orig_rax = (unsigned long long)-1;
    r.rdi = args[0];
    r.rsi = args[1];
    r.rdx = args[2];
    r.r10 = args[3];
    r.r8 = args[4];
    r.r9 = args[5];
    if (ptrace(PTRACE_SETREGS, t->tid, NULL, &r) < 0)
        return -ESRCH;
    while (stops < 2) { /* its start and its end */
        int status;

        ptrace(PTRACE_SYSCALL, t->tid, NULL, NULL);
        status = vt_wait_blocking(t->tid);
        if (status < 0 || !WIFSTOPPED(status))
            return -ESRCH;
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            stops++;
    }
    if (ptrace(PTRACE_GETREGS, t->tid, NULL, &r) < 0 ||
        ptrace(PTRACE_SETREGS, t->tid, NULL, &saved) < 0)
        return -ESRCH;
    return (int64_t)r.rax;
}

/* Waiting for descriptors: poll, select, epoll, and reads that block.
 *
 * We fetch our own copies of the descriptors (pidfd_getfd) and poll them. Something is ready: the
 * kernel runs the call, which then returns at once. Nothing is: the thread is parked with the
 * copies, which vt_run.c polls again whenever the node did something. At the due moment the call
 * is answered as a timeout, outputs included, without running.
 *
 * Copies are fetched for each call. Keeping them would be a little faster and wrong whenever a
 * program closes a descriptor and gets the same number again.
 *
 * Nonblocking descriptors, regular files and devices never wait: the kernel runs those calls. */
#include "vt_entropy.h"
#include "vt_ptrace.h"
#include "vt_syscall.h"
#include "vt_thread.h"

#include "../base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { POLL_MAX = 4096, SELECT_MAX = 4096, SECOND_NS = 1000000000, MS_NS = 1000000 };

/* Adds one descriptor; false if the process has no such one. */
static bool watch(struct vt_thread *t, int fd, short events)
{
    int copy = vt_proc_getfd(t->proc, fd);

    if (copy < 0)
        return false;
    t->fds = mem_grow(t->fds, &t->fd_cap, t->fd_count + 1, sizeof(*t->fds));
    t->fds[t->fd_count++] = (struct pollfd){.fd = copy, .events = events};
    return true;
}

static bool any_ready(struct vt_thread *t)
{
    int ready;

    while ((ready = poll(t->fds, t->fd_count, 0)) < 0 && errno == EINTR)
        ;
    return ready != 0;
}

/* What is to be watched has been added (ok) or cannot be (the kernel says why). With nobody else
 * READY the node is at rest once t is parked, and the poll that is made then is enough. mask is the
 * address of a signal mask of the call's own, or 0. */
static enum vt_verdict wait_for(struct vt_thread *t, bool ok, struct vt_due due, uint64_t mask)
{
    bool is_last = t->node->queue_head == NULL && mask == 0;

    if (!ok || (!is_last && any_ready(t))) {
        vt_unpark(t);
        return VT_GO;
    }
    if (mask != 0)
        t->signals_seen--; /* a pending signal may be let in: so that vt_signals_check looks */
    return vt_park(t, VT_WAIT_FDS, due);
}

static struct vt_due due_in_ms(struct vt_thread *t, int ms)
{
    return ms < 0 ? VT_DUE_NEVER : vt_due_after(t->node, (int64_t)ms * MS_NS);
}

/* A relative timespec, or a timeval with unit 1000; false if unusable or zero: no wait. */
static bool due_in(struct vt_thread *t, uint64_t address, int64_t unit_ns, struct vt_due *ret_due)
{
    int64_t parts[2], ns;

    *ret_due = VT_DUE_NEVER;
    if (address == 0)
        return true;
    if (!vt_mem_read(t, address, parts, sizeof(parts)) || parts[0] < 0 || parts[1] < 0 ||
        parts[1] > SECOND_NS)
        return false;
    ns = vt_time_of(parts[0], parts[1] * unit_ns);
    *ret_due = vt_due_after(t->node, ns);
    return ns > 0;
}

enum vt_verdict vt_sys_epoll_wait(struct vt_thread *t)
{
    int ms = (int)vt_arg(t, 3);

    if (ms == 0)
        return VT_GO;
    return wait_for(t, watch(t, (int)vt_arg(t, 0), POLLIN), due_in_ms(t, ms),
                    vt_syscall_number(t) == SYS_epoll_pwait ? vt_arg(t, 4) : 0);
}

enum vt_verdict vt_sys_epoll_pwait2(struct vt_thread *t)
{
    struct vt_due due;

    if (!due_in(t, vt_arg(t, 3), 1, &due))
        return VT_GO;
    return wait_for(t, watch(t, (int)vt_arg(t, 0), POLLIN), due, vt_arg(t, 4));
}

static bool watch_poll(struct vt_thread *t)
{
    struct pollfd theirs[64], *all = theirs;
    uint64_t count = vt_arg(t, 1), i;
    bool ok;

    if (count > POLL_MAX)
        return false;
    if (count > sizeof(theirs) / sizeof(theirs[0]))
        all = mem_alloc(count * sizeof(*all));
    ok = count == 0 || vt_mem_read(t, vt_arg(t, 0), all, count * sizeof(*all));
    t->revents_clear = true;
    for (i = 0; i < count && ok; i++) {
        if (all[i].revents != 0)
            t->revents_clear = false;
        if (all[i].fd >= 0)
            ok = watch(t, all[i].fd, all[i].events);
    }
    if (all != theirs)
        mem_free(all);
    return ok;
}

enum vt_verdict vt_sys_poll(struct vt_thread *t)
{
    int ms = (int)vt_arg(t, 2);

    return wait_for(t, watch_poll(t), due_in_ms(t, ms), 0);
}

enum vt_verdict vt_sys_ppoll(struct vt_thread *t)
{
    struct vt_due due;

    if (!due_in(t, vt_arg(t, 2), 1, &due))
        return VT_GO;
    return wait_for(t, watch_poll(t), due, vt_arg(t, 3));
}

static size_t set_bytes(uint64_t count)
{
    return (count + 63) / 64 * 8;
}

static uint64_t set_address(struct vt_thread *t, int which)
{
    return vt_arg(t, which + 1);
}

static bool watch_select(struct vt_thread *t)
{
    static const short meaning[3] = {POLLIN, POLLOUT, POLLPRI};
    uint64_t count = (uint32_t)vt_arg(t, 0), fd;
    unsigned char sets[3][SELECT_MAX / 8];
    int which;

    if (count > SELECT_MAX)
        return false;
    memset(sets, 0, sizeof(sets));
    for (which = 0; which < 3; which++)
        if (set_address(t, which) != 0 && count > 0 &&
            !vt_mem_read(t, set_address(t, which), sets[which], set_bytes(count)))
            return false;
    for (fd = 0; fd < count; fd++) {
        short events = 0;

        for (which = 0; which < 3; which++)
            if ((sets[which][fd / 8] >> (fd % 8) & 1) != 0)
                events |= meaning[which];
        if (events != 0 && !watch(t, (int)fd, events))
            return false;
    }
    return true;
}

enum vt_verdict vt_sys_select(struct vt_thread *t)
{
    struct vt_due due;

    if (!due_in(t, vt_arg(t, 4), 1000, &due))
        return VT_GO;
    return wait_for(t, watch_select(t), due, 0);
}

enum vt_verdict vt_sys_pselect6(struct vt_thread *t)
{
    struct vt_due due;

    if (!due_in(t, vt_arg(t, 4), 1, &due))
        return VT_GO;
    return wait_for(t, watch_select(t), due, vt_arg(t, 5));
}

/* A call that reads one descriptor and would block. */
static enum vt_verdict read_one(struct vt_thread *t)
{
    int fd = (int)vt_arg(t, 0);
    struct vt_due due = VT_DUE_NEVER;
    struct stat st;
    struct timeval tv = {0};
    socklen_t len = sizeof(tv);

    if (!watch(t, fd, POLLIN))
        return VT_GO;
    fd = t->fds[0].fd;
    if (fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
        vt_unpark(t);
        return VT_GO;
    }
    if (PLANT_VT != 6 && S_ISCHR(st.st_mode) && !t->node->world->config->entropy_real &&
        (st.st_rdev == makedev(1, 8) || st.st_rdev == makedev(1, 9))) {
        vt_unpark(t);
        vt_entropy_read(t);
        return VT_GO;
    }
    if (any_ready(t) || (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0) {
        vt_unpark(t);
        return VT_GO;
    }
    if (S_ISSOCK(st.st_mode) && getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len) == 0 &&
        (tv.tv_sec != 0 || tv.tv_usec != 0))
        due = vt_due_after(t->node, vt_time_of(tv.tv_sec, tv.tv_usec * 1000));
    return vt_park(t, VT_WAIT_FDS, due);
}

enum vt_verdict vt_sys_read(struct vt_thread *t)
{
    return read_one(t);
}

enum vt_verdict vt_sys_recvfrom(struct vt_thread *t)
{
    return vt_arg(t, 3) & MSG_DONTWAIT ? VT_GO : read_one(t);
}

enum vt_verdict vt_sys_recvmsg(struct vt_thread *t)
{
    return vt_arg(t, 2) & MSG_DONTWAIT ? VT_GO : read_one(t);
}

enum vt_verdict vt_sys_recvmmsg(struct vt_thread *t)
{
    return vt_arg(t, 3) & MSG_DONTWAIT ? VT_GO : read_one(t);
}

enum vt_verdict vt_sys_accept(struct vt_thread *t)
{
    return read_one(t);
}

/* poll reports events in the array that it was given: none. */
static void clear_poll(struct vt_thread *t)
{
    struct pollfd all[64];
    uint64_t count = vt_arg(t, 1), at = vt_arg(t, 0), i;

    while (count > 0) {
        uint64_t part = count < 64 ? count : 64;

        if (!vt_mem_read(t, at, all, part * sizeof(all[0])))
            return;
        for (i = 0; i < part; i++)
            all[i].revents = 0;
        vt_mem_write(t, at, all, part * sizeof(all[0]));
        at += part * sizeof(all[0]);
        count -= part;
    }
}

/* select empties its sets; its Linux syscall also sets the timeout to what is left: nothing. */
static void clear_select(struct vt_thread *t)
{
    static const unsigned char none[SELECT_MAX / 8];
    size_t len = set_bytes((uint32_t)vt_arg(t, 0));
    int which;

    for (which = 0; which < 3; which++)
        if (set_address(t, which) != 0)
            vt_mem_write(t, set_address(t, which), none, len);
    if (vt_arg(t, 4) != 0)
        vt_mem_write(t, vt_arg(t, 4), none, sizeof(struct timespec));
}

void vt_fds_timeout(struct vt_thread *t)
{
    switch (vt_syscall_number(t)) {
    case SYS_poll:
    case SYS_ppoll:
        if (!t->revents_clear)
            clear_poll(t);
        vt_answer(t, 0);
        break;
    case SYS_select:
    case SYS_pselect6:
        clear_select(t);
        vt_answer(t, 0);
        break;
    case SYS_epoll_wait:
    case SYS_epoll_pwait:
    case SYS_epoll_pwait2:
        vt_answer(t, 0);
        break;
    default: /* a receive with SO_RCVTIMEO */
        vt_answer(t, -EAGAIN);
        break;
    }
}

/* Threads, processes and who runs next.
 *
 * The queue is first in, first out: with it a run is repeatable and fair. With schedule_seeded
 * the next thread is drawn from the node's own stream of chance instead, which explores other
 * orders of the same program, one for each seed.
 *
 * Waiting for a time wakes 1 ns late. Real kernels are never early and hardly ever exact; there are
 * programs that test now > deadline and would spin for ever on now == deadline (Ruby's timers). */
#include "vt_thread.h"

#include "../base/mem.h"
#include "vt_futex.h"
#include "vt_ptrace.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LATE_NS = 1 };

struct vt_proc *vt_proc_new(struct vt_node *n, pid_t tgid, struct vt_proc *parent)
{
    struct vt_proc *p = mem_zalloc(sizeof(*p));

    p->tgid = tgid;
    p->pidfd = -1;
    p->node = n;
    if (parent != NULL && parent->page != NULL) {
        p->page = parent->page;
        p->page->ref_count++;
    }
    p->next = n->procs;
    n->procs = p;
    return p;
}

void vt_page_release(struct vt_page_map *map)
{
    if (map == NULL || --map->ref_count > 0)
        return;
    munmap(map->page, VT_PAGE_SIZE);
    mem_free(map);
}

static void proc_free(struct vt_proc *p)
{
    struct vt_proc **at = &p->node->procs;

    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    while (p->timers != NULL) {
        struct vt_timer *timer = p->timers;

        p->timers = timer->next;
        if (timer->copy_fd >= 0)
            close(timer->copy_fd);
        mem_free(timer);
    }
    vt_page_release(p->page);
    if (p->pidfd >= 0)
        close(p->pidfd);
    mem_free(p);
}

struct vt_thread *vt_thread_new(struct vt_proc *p, pid_t tid)
{
    struct vt_node *n = p->node;
    struct vt_thread *t = mem_zalloc(sizeof(*t));

    t->tid = tid;
    t->number = n->thread_number++;
    t->node = n;
    t->proc = p;
    t->state = VT_RUNNING;
    t->resume_request = PTRACE_CONT;
    t->due = VT_DUE_NEVER;
    t->stat_fd = -1;
    t->signals_seen = n->signals_sent;
    p->thread_count++;
    n->threads = mem_grow(n->threads, &n->thread_cap, n->thread_count + 1, sizeof(*n->threads));
    n->threads[n->thread_count++] = t;
    return t;
}

static void queue_remove(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    struct vt_thread **at = &n->queue_head;
    struct vt_thread *before = NULL;

    while (*at != t) {
        before = *at;
        at = &(*at)->queue_next;
    }
    *at = t->queue_next;
    if (n->queue_tail == t)
        n->queue_tail = before;
    n->queue_len--;
}

static void thread_free(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    size_t i;

    if (t->state == VT_READY)
        queue_remove(t);
    vt_unpark(t);
    for (i = 0; n->threads[i] != t; i++)
        ;
    n->thread_count--;
    memmove(n->threads + i, n->threads + i + 1, (n->thread_count - i) * sizeof(*n->threads));
    if (t->stat_fd >= 0)
        close(t->stat_fd);
    mem_free(t->fds);
    mem_free(t);
}

bool vt_thread_gone(struct vt_thread *t)
{
    struct vt_node *n = t->node;
    struct vt_proc *p = t->proc;

    thread_free(t);
    n->touched = true;
    if (--p->thread_count > 0) {
        vt_futex_recheck(n, p);
        return false;
    }
    if (p->tgid == n->main_tgid)
        n->ended = true;
    proc_free(p);
    n->signals_sent++; /* SIGCHLD to its parent */
    return true;
}

struct vt_thread *vt_thread_find(const struct vt_node *n, pid_t tid)
{
    size_t i;

    for (i = 0; i < n->thread_count; i++)
        if (n->threads[i]->tid == tid)
            return n->threads[i];
    return NULL;
}

int vt_proc_getfd(struct vt_proc *p, int fd)
{
    int copy;

    if (p->pidfd < 0)
        p->pidfd = (int)syscall(SYS_pidfd_open, p->tgid, 0);
    copy = (int)syscall(SYS_pidfd_getfd, p->pidfd, fd, 0);
    if (copy >= p->node->world->copies_max) {
        close(copy);
        return -EMFILE;
    }
    return copy < 0 ? -errno : copy;
}

void vt_queue_push(struct vt_thread *t)
{
    struct vt_node *n = t->node;

    if (t->state == VT_READY)
        return;
    t->state = VT_READY;
    t->queue_next = NULL;
    if (n->queue_head == NULL)
        n->queue_head = t;
    else
        n->queue_tail->queue_next = t;
    n->queue_tail = t;
    n->queue_len++;
}

struct vt_thread *vt_queue_pop(struct vt_node *n)
{
    struct vt_thread *t = n->queue_head;

    if (t == NULL)
        return NULL;
    if (n->world->config->schedule_seeded && n->queue_len > 1) {
        uint64_t i = prng_below(&n->schedule, n->queue_len);

        while (i-- > 0)
            t = t->queue_next;
    }
    queue_remove(t);
    t->state = VT_RUNNING;
    return t;
}

enum vt_verdict vt_park(struct vt_thread *t, enum vt_wait wait, struct vt_due due)
{
    t->state = VT_PARKED;
    t->wait = wait;
    t->due = due;
    t->park_order = ++t->node->park_number;
    t->burst_start_ns = 0;
    if (wait != VT_WAIT_BUSY && wait != VT_WAIT_CHARGE)
        t->idle_yields = 0;
    return VT_STAY;
}

void vt_unpark(struct vt_thread *t)
{
    size_t i;

    for (i = 0; i < t->fd_count; i++)
        close(t->fds[i].fd);
    t->fd_count = 0;
    t->wait = VT_WAIT_NONE;
    t->due = VT_DUE_NEVER;
}

struct vt_due vt_due_at(enum vt_clock_kind kind, int64_t at_ns)
{
    if (PLANT_VT == 3)
        at_ns -= 2000; /* too early */
    return (struct vt_due){kind, vt_time_add(at_ns, LATE_NS)};
}

struct vt_due vt_due_after(const struct vt_node *n, int64_t ns)
{
    int64_t now_ns = vt_clock_read(&n->clock, VT_MONOTONIC, n->world->now_ns);

    if (ns <= 0)
        return (struct vt_due){VT_MONOTONIC, now_ns};
    return vt_due_at(VT_MONOTONIC, vt_time_add(now_ns, ns));
}

bool vt_due_past(const struct vt_node *n, struct vt_due due)
{
    return vt_clock_when(&n->clock, due) <= n->world->now_ns;
}

int64_t vt_due_left(const struct vt_node *n, struct vt_due due)
{
    int64_t left;

    if (due.at_ns == VT_NEVER)
        return 0;
    left = due.at_ns - vt_clock_read(&n->clock, due.kind, n->world->now_ns) - LATE_NS;
    return left > 0 ? left : 0;
}

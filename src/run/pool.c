/* A worker is a fork that does one piece of work, writes its text to its pipe and exits; the end of
 * the pipe is the end of the worker.
 *
 *     fork            work           text, end of pipe
 *   --------> worker -----> worker ---------------------> taken in, reaped, slot free
 *
 * A slot has its processor: in virtual time a run keeps its nodes on the one on which it began, and
 * two runs on one processor would each take twice as long. Invariant: a slot with pid 0 is free,
 * and has no pipe.
 *
 * Ctrl-C reaches the workers as well if it comes from the terminal, else we pass it on; either way
 * their work ends early. Should we die by other means, they die with us.
 *
 * Tried and dropped: workers that do many pieces each. They save a fork of a small process, 0.3 ms
 * of a run's 100 or so, and a bug of ours then takes other pieces with it. */
#include "pool.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 100 };

struct slot {
    pid_t pid; /* 0: free */
    int fd;    /* the pipe's end that we read */
    uint64_t index;
    int64_t began_ns;
    struct buf text; /* what came through it */
};

struct pool {
    const struct pool_config *config;
    struct slot *slots;
    struct pollfd *polled;
    uint64_t next; /* pieces begun */
    bool closing;  /* none begins any more */
    bool ending;   /* those that have begun are asked to end */
    bool stopped;  /* by a signal */
    int status;
    struct err *err;
};

/* ---- in a worker ---- */

static void pin(uint32_t slot)
{
    cpu_set_t all, one;
    int count, cpu;
    uint32_t skip;

    if (sched_getaffinity(0, sizeof(all), &all) < 0 || (count = CPU_COUNT(&all)) == 0)
        return;
    skip = slot % (uint32_t)count;
    for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &all) && skip-- == 0)
            break;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof(one), &one); /* refused: slower, no worse */
}

static void write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t n = write(fd, text.data, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody reads any more */
        text.data += n;
        text.len -= (size_t)n;
    }
}

static void work(const struct pool *p, uint32_t slot, int fd)
{
    const struct pool_config *c = p->config;
    struct buf out = {0};

    if (c->pin)
        pin(slot);
    c->work(c->owner, p->slots[slot].index, &out);
    write_all(fd, buf_str(&out));
    buf_release(&out);
}

/* ---- workers come and go ---- */

static void start(struct pool *p, uint32_t slot)
{
    struct slot *w = &p->slots[slot];
    pid_t parent = getpid();
    int ends[2];
    pid_t pid;

    w->index = p->next++;
    if (pipe2(ends, O_CLOEXEC) < 0) {
        p->status = err_set_errno(p->err, ERR_MACHINE, "no pipe for a run");
        return;
    }
    fflush(NULL); /* or the worker would print it, too */
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(ends[0]);
        if (getppid() == parent)
            work(p, slot, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (pid < 0) {
        p->status = err_set_errno(p->err, ERR_MACHINE, "no process for a run");
        close(ends[0]);
        return;
    }
    w->pid = pid;
    w->began_ns = clock_real_ns();
    w->fd = ends[0];
    buf_reset(&w->text);
}

static bool running(const struct pool *p)
{
    uint32_t i;

    for (i = 0; i < p->config->jobs; i++)
        if (p->slots[i].pid != 0)
            return true;
    return false;
}

static void end_workers(struct pool *p)
{
    uint32_t i;

    for (i = 0; i < p->config->jobs; i++)
        if (p->slots[i].pid != 0)
            kill(p->slots[i].pid, SIGTERM);
}

/* The status of its end; the slot is free then. */
static int reap(struct slot *w)
{
    int end = 0;

    close(w->fd);
    while (waitpid(w->pid, &end, 0) < 0 && errno == EINTR)
        ;
    w->pid = 0;
    return end;
}

/* Without a word to done(). */
static void kill_after(struct pool *p, uint64_t index)
{
    uint32_t i;

    for (i = 0; i < p->config->jobs; i++)
        if (p->slots[i].pid != 0 && p->slots[i].index >= index) {
            kill(p->slots[i].pid, SIGKILL);
            reap(&p->slots[i]);
        }
}

static void finish(struct pool *p, struct slot *w)
{
    const struct pool_config *c = p->config;
    enum pool_next next;
    char how[64];
    int end = reap(w);

    if (WIFSIGNALED(end))
        snprintf(how, sizeof(how), "signal %d", WTERMSIG(end));
    else
        snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(end));
    next = c->done(c->owner, w->index, buf_str(&w->text), w->text.len > 0 ? NULL : how);
    p->closing |= next != POOL_GO_ON;
    p->ending |= next == POOL_STOP;
    if (next == POOL_NO_LATER)
        kill_after(p, w->index + 1);
}

/* Those killed come to their end, and to done(), by the end of their pipe. */
static void lose_patience(struct pool *p)
{
    int64_t limit_ns = p->config->patience_ns;
    uint32_t i;

    for (i = 0; i < p->config->jobs && limit_ns > 0; i++)
        if (p->slots[i].pid != 0 && clock_real_ns() - p->slots[i].began_ns > limit_ns)
            kill(p->slots[i].pid, SIGKILL);
}

static void hear(struct pool *p, struct slot *w)
{
    char part[16384];
    ssize_t n = read(w->fd, part, sizeof(part));

    if (n > 0 && w->text.len + (size_t)n <= POOL_TEXT_MAX)
        buf_add(&w->text, part, (size_t)n);
    else if (n == 0 || (n < 0 && errno != EINTR))
        finish(p, w);
}

static void wait_for_some(struct pool *p)
{
    uint32_t i;

    for (i = 0; i < p->config->jobs; i++)
        p->polled[i] = (struct pollfd){
            .fd = p->slots[i].pid != 0 ? p->slots[i].fd : -1,
            .events = POLLIN,
        };
    if (poll(p->polled, p->config->jobs, TICK_MS) <= 0)
        return;
    for (i = 0; i < p->config->jobs; i++)
        if (p->polled[i].revents != 0)
            hear(p, &p->slots[i]);
}

static void tick(const struct pool *p)
{
    if (p->config->tick != NULL)
        p->config->tick(p->config->owner);
}

/* The handler of signals raises a flag and interrupts poll(); should it come just before, a tick
 * passes. */
static void loop(struct pool *p)
{
    const struct pool_config *c = p->config;
    bool ended = false;
    uint32_t i;

    for (;;) {
        if (cage_stop_asked())
            p->stopped = true;
        if (p->stopped || p->status < 0)
            p->closing = p->ending = true;
        if (c->over != NULL && c->over(c->owner)) {
            p->closing = true;
            kill_after(p, 0);
        }
        lose_patience(p);
        for (i = 0; i < c->jobs && !p->closing && p->status == 0 && p->next < c->count; i++)
            if (p->slots[i].pid == 0)
                start(p, i);
        if (!running(p))
            break;
        if (p->ending && !ended) {
            ended = true;
            end_workers(p);
        }
        wait_for_some(p);
        tick(p);
    }
    tick(p);
}

uint32_t pool_processors(void)
{
    cpu_set_t all;

    if (sched_getaffinity(0, sizeof(all), &all) < 0)
        return 1;
    return CPU_COUNT(&all) > 0 ? (uint32_t)CPU_COUNT(&all) : 1;
}

int pool_run(const struct pool_config *config, bool *ret_stopped, struct err *err)
{
    struct pool p = {.config = config, .err = err};
    uint32_t i;

    p.slots = mem_zalloc(config->jobs * sizeof(*p.slots));
    p.polled = mem_zalloc(config->jobs * sizeof(*p.polled));
    loop(&p);
    for (i = 0; i < config->jobs; i++)
        buf_release(&p.slots[i].text);
    mem_free(p.slots);
    mem_free(p.polled);
    if (p.status == 0)
        *ret_stopped = p.stopped;
    return p.status;
}

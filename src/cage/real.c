/* The real clock: nodes run as the kernel lets them, and we sleep in epoll until one says
 * something, an end is reported, or the time asked for has come.
 *
 * Level-triggered, one read of each ready stream a round: a node that floods gets its turn and no
 * more. A pipe is watched for room only after it was full, so the usual message costs no
 * epoll_ctl. Times are exact to what the kernel can do: epoll_pwait2 takes nanoseconds, and the
 * timer slack of 50 us is turned off while the cage is open. */
#include "../base/assert.h"
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "cage_internal.h"
#include "spawn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 128 };

enum source { FROM_STOP, FROM_OUT, FROM_ERR, FROM_KEEPER, FROM_IN };

struct real {
    int epoll_fd;
    int stop_fd; /* the one that is watched, or -1 */
    int64_t base_ns;
    bool holding;     /* as c->hold when it was last looked at */
    bool no_pwait2;   /* this kernel lacks it */
    uint32_t *unsent; /* nodes whose inbox has something and whose pipe may have room */
    size_t unsent_len;
};

/* A life's own part. */
struct watch {
    bool room; /* waiting for room in its stdin */
    bool queued;
};

static void real_set(struct cage *c, uint32_t node, int64_t offset_ns, int32_t drift_ppm)
{
    (void)c;
    (void)node;
    (void)offset_ns;
    (void)drift_ppm; /* the machine's clock is not ours to set */
}

static int64_t real_now(const struct cage *c)
{
    const struct real *r = c->clock;

    return clock_real_ns() - r->base_ns;
}

/* An event carries its node, its source and the low bits of the life's number, because it may
 * come out of the kernel after that life is over. */
static uint64_t tag(const struct node_life *life, enum source source)
{
    return (uint64_t)life->node << 32 | (uint64_t)(life->number & 0xfffffff) << 4 | source;
}

static struct node_life *tagged(const struct cage *c, uint64_t data)
{
    struct node_life *life = c->nodes[data >> 32].life;

    return life != NULL && (life->number & 0xfffffff) == ((data >> 4) & 0xfffffff) ? life : NULL;
}

static bool watch_fd(struct real *r, int fd, uint32_t events, uint64_t data)
{
    struct epoll_event e = {.events = events, .data.u64 = data};

    return fd < 0 || epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &e) == 0;
}

static void unwatch_fd(struct real *r, int fd)
{
    if (fd >= 0)
        epoll_ctl(r->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* ---- open and close ---- */

static int real_open(struct cage *c, struct err *err)
{
    struct real *r = mem_zalloc(sizeof(*r));

    r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (r->epoll_fd < 0) {
        mem_free(r);
        return err_set_errno(err, ERR_MACHINE, "the cage cannot make an epoll descriptor");
    }
    r->unsent = mem_zalloc(c->config.node_count * sizeof(*r->unsent));
    r->stop_fd = -1;
    r->base_ns = clock_real_ns();
    prctl(PR_SET_TIMERSLACK, 1UL);
    c->clock = r;
    return 0;
}

static void real_close(struct cage *c)
{
    struct real *r = c->clock;

    prctl(PR_SET_TIMERSLACK, 0UL); /* the default again */
    close(r->epoll_fd);
    mem_free(r->unsent);
    mem_free(r);
}

/* ---- lives ---- */

static void forget_unsent(struct real *r, uint32_t node)
{
    size_t i;

    for (i = 0; i < r->unsent_len; i++)
        if (r->unsent[i] == node)
            r->unsent[i--] = r->unsent[--r->unsent_len];
}

static void real_ended(struct cage *c, struct node_life *life)
{
    struct real *r = c->clock;
    struct watch *w = life->clock;

    if (w->queued)
        forget_unsent(r, life->node);
    unwatch_fd(r, life->out_fd);
    unwatch_fd(r, life->err_fd);
    unwatch_fd(r, life->keeper.fd);
    unwatch_fd(r, life->in_fd);
    mem_free(w);
    life->clock = NULL;
}

static int real_start(struct cage *c, struct node_life *life, int gate_fd, const char *path,
                      const char *cwd, struct err *err)
{
    struct real *r = c->clock;
    int status;

    spawn_go(gate_fd);
    status = spawn_result(gate_fd, true, path, cwd, err);
    if (status < 0)
        return status;
    life->clock = mem_zalloc(sizeof(struct watch));
    if ((r->holding || watch_fd(r, life->out_fd, EPOLLIN, tag(life, FROM_OUT))) &&
        watch_fd(r, life->err_fd, EPOLLIN, tag(life, FROM_ERR)) &&
        watch_fd(r, life->keeper.fd, EPOLLIN, tag(life, FROM_KEEPER)))
        return 0;
    status = err_set_errno(err, ERR_MACHINE, "the kernel watches no more descriptors");
    real_ended(c, life);
    return status;
}

static void real_kill(struct cage *c, struct node_life *life, struct keeper_report *ret_last)
{
    (void)c;
    if (keeper_ask(&life->keeper, KEEPER_KILL, KEEPER_GONE, ret_last))
        return;
    *ret_last = life->keeper.end; /* it had ended by itself; all 0 if the keeper was killed */
    if (!life->keeper.ended)
        kill(-life->pid, SIGKILL); /* the best left to do; the warden sweeps up the rest */
}

static void real_pause(struct cage *c, struct node_life *life)
{
    struct keeper_report answer;

    (void)c;
    keeper_ask(&life->keeper, KEEPER_PAUSE, KEEPER_PAUSED, &answer);
}

static void real_resume(struct cage *c, struct node_life *life)
{
    struct keeper_report answer;

    (void)c;
    keeper_ask(&life->keeper, KEEPER_RESUME, KEEPER_RESUMED, &answer);
}

/* ---- inboxes ---- */

static void real_wrote(struct cage *c, struct node_life *life)
{
    struct real *r = c->clock;
    struct watch *w = life->clock;

    if (w->room || w->queued)
        return;
    w->queued = true;
    r->unsent[r->unsent_len++] = life->node;
}

static void send_unsent(struct cage *c)
{
    struct real *r = c->clock;
    size_t i;

    for (i = 0; i < r->unsent_len; i++) {
        struct node_life *life = c->nodes[r->unsent[i]].life;
        struct watch *w = life->clock;

        w->queued = false;
        if (node_feed(life) != INBOX_FULL)
            continue;
        w->room = true;
        watch_fd(r, life->in_fd, EPOLLOUT, tag(life, FROM_IN));
    }
    r->unsent_len = 0;
}

static void send_more(struct cage *c, struct node_life *life)
{
    struct watch *w = life->clock;
    int fd = life->in_fd;

    if (node_feed(life) == INBOX_FULL)
        return;
    w->room = false;
    if (life->in_fd >= 0)
        unwatch_fd(c->clock, fd);
}

/* ---- waiting ---- */

static void apply_hold(struct cage *c)
{
    struct real *r = c->clock;
    uint32_t i;

    if (r->holding == c->hold)
        return;
    r->holding = c->hold;
    for (i = 0; i < c->config.node_count; i++) {
        struct node_life *life = c->nodes[i].life;

        if (life != NULL && r->holding)
            unwatch_fd(r, life->out_fd);
        else if (life != NULL)
            watch_fd(r, life->out_fd, EPOLLIN, tag(life, FROM_OUT));
    }
}

static void hear_keeper(struct cage *c, struct node_life *life)
{
    struct keeper_report report;
    int heard = keeper_hear(&life->keeper, &report, 0);

    if (heard < 0 && !life->keeper.ended) {
        /* Somebody killed the keeper. What was below it is killed with it. */
        life->keeper.ended = true;
        life->keeper.end.status = SIGKILL;
    }
    if (life->keeper.ended)
        node_end(c, life);
}

/* An answer to pause or usage may have found that the node had ended. */
static void report_noted_ends(struct cage *c)
{
    uint32_t i;

    for (i = 0; i < c->config.node_count; i++)
        if (c->nodes[i].life != NULL && c->nodes[i].life->keeper.ended)
            node_end(c, c->nodes[i].life);
}

static void handle(struct cage *c, const struct epoll_event *e)
{
    struct node_life *life;
    enum source source = e->data.u64 & 15;

    if (source == FROM_STOP)
        return;
    life = tagged(c, e->data.u64);
    if (life == NULL)
        return;
    switch (source) {
    case FROM_OUT:
        node_hear_out(c, life);
        break;
    case FROM_ERR:
        node_hear_err(c, life);
        break;
    case FROM_KEEPER:
        hear_keeper(c, life);
        break;
    case FROM_IN:
        send_more(c, life);
        break;
    case FROM_STOP:
        break;
    }
}

static int wait_events(struct real *r, struct epoll_event *events, int64_t ns)
{
    struct timespec t = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    const struct timespec *timeout = ns == INT64_MAX ? NULL : &t;
    struct pollfd ready = {.fd = r->epoll_fd, .events = POLLIN};
    int count;

    if (!r->no_pwait2) {
        count = epoll_pwait2(r->epoll_fd, events, EVENTS_MAX, timeout, NULL);
        if (count >= 0 || errno != ENOSYS)
            return count;
        r->no_pwait2 = true;
    }
    count = ppoll(&ready, 1, timeout, NULL);
    return count <= 0 ? count : epoll_wait(r->epoll_fd, events, EVENTS_MAX, 0);
}

static void watch_stop(struct real *r)
{
    struct node_life none = {0};

    if (r->stop_fd == stop_fd())
        return;
    r->stop_fd = stop_fd();
    watch_fd(r, r->stop_fd, EPOLLIN, tag(&none, FROM_STOP));
}

static int real_wait(struct cage *c, int64_t until_ns, struct err *err)
{
    struct real *r = c->clock;
    struct epoll_event events[EVENTS_MAX];
    uint64_t before = c->report_count;
    bool late;

    watch_stop(r);
    apply_hold(c);
    do {
        int64_t now_ns = real_now(c);
        int64_t left_ns;
        int count;
        int i;

        late = now_ns >= until_ns;
        left_ns = late ? 0 : until_ns == INT64_MAX ? INT64_MAX : until_ns - now_ns;
        if (stop_asked())
            return err_set(err, ERR_STOPPED, "stopped by a signal");
        report_noted_ends(c);
        send_unsent(c);
        count = wait_events(r, events, c->report_count != before ? 0 : left_ns);
        if (count < 0 && errno != EINTR)
            return err_set_errno(err, ERR_MACHINE, "waiting for the nodes failed");
        for (i = 0; i < count; i++)
            handle(c, &events[i]);
    } while (c->report_count == before && !late);
    return 0;
}

const struct cage_clock_ops cage_real_clock = {
    .namespaces = true,
    .open = real_open,
    .close = real_close,
    .start = real_start,
    .kill = real_kill,
    .ended = real_ended,
    .pause = real_pause,
    .resume = real_resume,
    .wrote = real_wrote,
    .set = real_set,
    .now = real_now,
    .wait = real_wait,
};

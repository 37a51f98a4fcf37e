/* conn.c - what a connection does when its socket is ready, and when it is over.
 *
 * Invariants:
 * 1. A write may take less than was given; the rest stays in out, and the loop says when there is
 *    room again. Nothing waits.
 * 2. out holds at most the listener's `buffer` bytes and what the answer to one message adds.
 * 3. A connection is over when the peer has sent its last, every whole message has been stepped,
 *    nothing is in work, and out is empty; or when it failed. Both ways lead through conn_close(),
 * the one place where its place becomes free.
 *
 * Reading once for each time the loop says "readable", and not until nothing is left, keeps one
 * fast peer from holding up the others. */
#include "conn.h"

#include "drain.h"
#include "listener.h"
#include "node.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_SIZE = 64 << 10,
    LINGER_BYTES_MAX = 32 << 10,
    LINGER_MS = 1000,
};

static void on_ready(int fd, int events, void *owner);

struct conn *conn_new(struct listener *l, int fd)
{
    struct conn *c = calloc(1, sizeof(*c));

    if (c != NULL && l->proto->state_size > 0)
        c->state = calloc(1, l->proto->state_size);
    if (c == NULL || (c->state == NULL && l->proto->state_size > 0)) {
        node_log("out of memory");
        exit(1);
    }
    c->fd = fd;
    c->listener = l;
    c->waiting = true;
    node_watch(fd, 0, on_ready, c); /* only to hear that it failed */
    return c;
}

void conn_serve(struct conn *c)
{
    c->waiting = false;
    if (c->listener->proto->opened != NULL)
        c->listener->proto->opened(c);
    conn_turn(c);
}

static bool is_full(const struct conn *c)
{
    return c->out.len >= c->listener->buffer_max;
}

/* False: the connection failed. */
static bool send_some(struct conn *c)
{
    while (c->out.len > 0) {
        ssize_t n = send(c->fd, buffer_bytes(&c->out), c->out.len, MSG_NOSIGNAL);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        buffer_take(&c->out, (size_t)n);
    }
    return true;
}

/* False: the connection failed. */
static bool receive_some(struct conn *c)
{
    ssize_t n = recv(c->fd, buffer_room(&c->in, READ_SIZE), READ_SIZE, 0);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        c->peer_done = true;
    buffer_add(&c->in, (size_t)n);
    if (c->in.len == 0)
        buffer_release(&c->in);
    return true;
}

static void on_linger_over(void *owner)
{
    conn_close(owner);
}

/* A close while bytes of the peer are unread, or still come, is a reset, which can destroy our last
 * words on their way. So we end our stream, and give the peer a little time to end its own. */
static void linger(struct conn *c)
{
    if (c->linger_timer != 0)
        return;
    buffer_release(&c->in);
    shutdown(c->fd, SHUT_WR);
    c->linger_timer = node_after(LINGER_MS, on_linger_over, c);
    node_watch(c->fd, NODE_READABLE, on_ready, c);
}

static void throw_away(struct conn *c)
{
    char unread[4096];
    ssize_t n = recv(c->fd, unread, sizeof(unread), 0);

    if (n > 0)
        c->lingered += (size_t)n;
    if (n == 0 || (n < 0 && errno != EAGAIN) || c->lingered > LINGER_BYTES_MAX)
        conn_close(c);
}

void conn_turn(struct conn *c)
{
    const struct proto *p = c->listener->proto;
    bool more, refilled; /* in may hold a whole message; out got more without one */

    do {
        more = true;
        while (more && !c->finishing && !is_full(c))
            more = p->step(c);
        refilled = p->refill != NULL && p->refill(c);
        if (!send_some(c)) {
            conn_close(c);
            return;
        }
    } while (((more && !c->finishing) || refilled) && !is_full(c));
    if (c->busy == 0 && !more && (c->peer_done || drain_is_on()))
        c->finishing = true;
    if (c->finishing && c->out.len == 0) {
        if (c->peer_done || drain_is_on())
            conn_close(c);
        else
            linger(c);
        return;
    }
    node_watch(c->fd,
               (c->peer_done || c->finishing || c->paused || is_full(c) ? 0 : NODE_READABLE) |
                   (c->out.len > 0 ? NODE_WRITABLE : 0),
               on_ready, c);
}

static void on_ready(int fd, int events, void *owner)
{
    struct conn *c = owner;

    (void)fd;
    if (events & NODE_FAILED)
        conn_close(c);
    else if (c->linger_timer != 0)
        throw_away(c);
    else if ((events & NODE_READABLE) && !receive_some(c))
        conn_close(c);
    else
        conn_turn(c);
}

void conn_finish(struct conn *c)
{
    c->finishing = true;
}

void conn_close(struct conn *c)
{
    struct listener *l = c->listener;

    if (!c->waiting && l->proto->closed != NULL)
        l->proto->closed(c);
    drain_count(c);
    node_cancel(c->linger_timer);
    node_unwatch(c->fd);
    close(c->fd);
    listener_gone(l, c);
    buffer_release(&c->in);
    buffer_release(&c->out);
    free(c->state);
    free(c);
    drain_check();
}

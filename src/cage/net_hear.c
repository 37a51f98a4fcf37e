/* What nodes do on their sockets is gathered and reported when all rest; the essay stands in net.c.
 */
#include "net.h"

#include "net_parts.h"

#include "../base/err.h"
#include "../base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    READY_MAX = 1024,
    GATHERED_MAX = 64 << 20, /* bytes; then what there is is reported */
};

void net_drop_news(struct end *e)
{
    buf_release(&e->got);
    mem_free(e->datagrams);
    mem_free(e->accepted);
    e->datagrams = NULL;
    e->accepted = NULL;
    e->datagram_len = e->datagram_cap = e->accepted_len = e->accepted_cap = 0;
    e->has_news = e->connected = e->ended = e->broken = false;
}

/* ---- what the nodes do ---- */

static struct end *news_of(struct net *n, uint32_t end)
{
    struct end *e = &n->ends[end];

    n->heard++;
    if (!e->has_news) {
        e->has_news = true;
        n->news = mem_grow(n->news, &n->news_cap, n->news_len + 1, sizeof(*n->news));
        n->news[n->news_len++] = end;
    }
    return e;
}

static void break_end(struct net *n, uint32_t end, int error)
{
    struct end *e = news_of(n, end);

    net_drop_end(n, end);
    e->broken = true;
    e->error = error;
}

static int socket_error(const struct end *e)
{
    int error = 0;
    socklen_t len = sizeof(error);

    getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &error, &len);
    return error;
}

static void hear_connect(struct net *n, uint32_t end)
{
    struct end *e = news_of(n, end);

    e->error = socket_error(e);
    e->connecting = false;
    e->connected = true;
    if (e->error != 0) {
        net_drop_end(n, end);
    } else {
        net_flush(n, end);
        net_watch(n, end, EPOLL_CTL_MOD);
    }
}

static void hear_listener(struct net *n, uint32_t end)
{
    for (;;) {
        int fd = accept4(n->ends[end].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        struct err ignored;
        struct end *e;
        uint32_t made;

        if (fd < 0)
            return;
        net_no_delays(fd);
        if (net_add_end(n, fd, END_STREAM, &made, &ignored) < 0)
            return;
        net_watch(n, made, EPOLL_CTL_ADD);
        e = news_of(n, end);
        e->accepted =
            mem_grow(e->accepted, &e->accepted_cap, e->accepted_len + 1, sizeof(*e->accepted));
        e->accepted[e->accepted_len++] = made;
    }
}

static void hear_udp(struct net *n, uint32_t end)
{
    for (;;) {
        struct sockaddr_in peer = {0};
        socklen_t len = sizeof(peer);
        ssize_t got =
            recvfrom(n->ends[end].fd, n->piece, NET_READ_SIZE, 0, (struct sockaddr *)&peer, &len);
        struct end *e;

        if (got < 0)
            return;
        e = news_of(n, end);
        buf_add(&e->got, n->piece, (size_t)got);
        e->datagrams =
            mem_grow(e->datagrams, &e->datagram_cap, e->datagram_len + 1, sizeof(*e->datagrams));
        e->datagrams[e->datagram_len++] = (struct datagram){net_from_kernel(&peer), (size_t)got};
    }
}

static void hear_stream(struct net *n, uint32_t end)
{
    struct end *e = &n->ends[end];
    int on = 1;
    ssize_t got;

    if ((e->held && PLANT_VT != 19) || e->peer_ended)
        return;
    got = recv(e->fd, n->piece, NET_READ_SIZE, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got < 0) {
        break_end(n, end, errno);
        return;
    }
    e = news_of(n, end);
    if (got == 0) {
        e->peer_ended = e->ended = true;
        net_watch(n, end, EPOLL_CTL_MOD);
        return;
    }
    setsockopt(e->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
    buf_add(&e->got, n->piece, (size_t)got);
}

/* A hang-up is told even to those who wait for nothing. True: the end is gone. */
static bool hear_hangup(struct net *n, uint32_t end, uint32_t what)
{
    const struct end *e = &n->ends[end];
    int error;

    if (!(what & (EPOLLERR | EPOLLHUP)) || (!e->held && !e->peer_ended))
        return false;
    error = socket_error(e);
    if (error == 0 && !e->peer_ended)
        return false;
    break_end(n, end, error);
    return true;
}

static void hear_end(struct net *n, uint32_t end, uint32_t what)
{
    const struct end *e = &n->ends[end];

    if (e->fd < 0)
        return;
    if (e->connecting) {
        hear_connect(n, end);
    } else if (e->kind == END_LISTENER) {
        hear_listener(n, end);
    } else if (e->kind == END_UDP) {
        hear_udp(n, end);
    } else {
        if (what & EPOLLOUT && net_flush(n, end))
            net_watch(n, end, EPOLL_CTL_MOD);
        if (!hear_hangup(n, end, what) && what & (EPOLLIN | EPOLLERR | EPOLLHUP))
            hear_stream(n, end);
    }
}

bool net_hear(struct net *n)
{
    static struct epoll_event ready[READY_MAX];
    int count = epoll_wait(n->epoll_fd, ready, READY_MAX, 0);
    uint64_t before = n->heard;
    size_t gathered = 0;
    int i;

    for (i = 0; i < count; i++)
        hear_end(n, ready[i].data.u32, ready[i].events);
    for (i = 0; (size_t)i < n->news_len; i++)
        gathered += n->ends[n->news[i]].got.len;
    return n->heard != before && gathered < GATHERED_MAX;
}

/* ---- reporting ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

static struct cage_net_address peer_of(const struct end *e)
{
    struct sockaddr_in peer = {0};
    socklen_t len = sizeof(peer);

    if (e->fd >= 0)
        getpeername(e->fd, (struct sockaddr *)&peer, &len);
    return net_from_kernel(&peer);
}

static void report_data(struct net *n, uint32_t end, const struct end *news)
{
    const char *at = news->got.data;
    size_t i;

    if (news->datagram_len == 0 && news->got.len > 0)
        n->events.data(n->events.owner, end, buf_str(&news->got), NULL);
    for (i = 0; i < news->datagram_len; i++) {
        const struct datagram *d = &news->datagrams[i];
        n->events.data(n->events.owner, end, (struct str){at, d->len}, &d->from);
        at += d->len;
    }
}

/* Callbacks may open ends, which moves them, so the news are taken out first. */
static void report_end(struct net *n, uint32_t end)
{
    struct end *e = &n->ends[end];
    struct end news = *e;
    void *owner = n->events.owner;
    size_t i;

    e->got = (struct buf){0};
    e->datagrams = NULL;
    e->accepted = NULL;
    net_drop_news(e);
    if (news.connected)
        n->events.connected(owner, end, news.error);
    for (i = 0; i < news.accepted_len; i++) {
        struct cage_net_address from = peer_of(&n->ends[news.accepted[i]]);
        n->events.accepted(owner, end, news.accepted[i], &from);
    }
    report_data(n, end, &news);
    if (news.ended)
        n->events.ended(owner, end);
    if (news.broken)
        n->events.broken(owner, end, news.error);
    net_drop_news(&news);
}

bool net_report(struct net *n)
{
    uint32_t *news = n->news;
    size_t len = n->news_len;
    size_t i;

    n->news = NULL;
    n->news_len = n->news_cap = 0;
    if (len > 0)
        qsort(news, len, sizeof(*news), by_number);
    for (i = 0; i < len; i++)
        report_end(n, news[i]);
    mem_free(news);
    return len > 0;
}

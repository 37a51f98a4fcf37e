/* A network namespace for each run: made by our own thread just before the warden is forked, so
 * that all nodes are born in it, and left again. A socket belongs to the namespace in which it was
 * made, so for each new one our thread steps in and out (20 us for both). All of 127.0.0.0/8 is
 * there: node k is 127.0.1.k+1, clients are what the scenario likes.
 *
 * In virtual time nothing may happen later by itself. Over the loopback device it does not: what is
 * sent is in the receiver's queue when send() returns. The exceptions are acknowledgements that are
 * held back (up to 40 ms of real time) while a sender waits for them: our ends acknowledge at once
 * (TCP_QUICKACK, to be asked for again after each read) and do not wait themselves (TCP_NODELAY).
 *
 * How the kernel cuts a long stream into pieces depends on windows that it tunes by real time. So
 * nothing is reported piece by piece: what comes in one instant is gathered, while nodes and
 * sockets go on filling and emptying their buffers, and reported when all rest, end by end in the
 * order of their numbers. */
#include "net.h"

#include "net_parts.h"

#include "../base/assert.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "cage_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_PORT = 7000, BACKLOG = 4096 };

/* ---- the namespace ---- */

static int raise_loopback(struct err *err)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int status;

    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "the network of the run cannot be set up");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    status = ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
    return status < 0 ? err_set_errno(err, ERR_MACHINE, "the network of the run cannot be set up")
                      : 0;
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int net_open(struct net **ret_net, struct err *err)
{
    struct net *n = mem_zalloc(sizeof(*n));
    int status = 0;

    raise_file_limit();
    n->own_fd = -1;
    n->next_port = FIRST_PORT;
    n->piece = mem_alloc(NET_READ_SIZE);
    n->back_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    n->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (n->epoll_fd < 0)
        status = err_set_errno(err, ERR_MACHINE, "the cage cannot make an epoll");
    if (status == 0 && n->back_fd >= 0 && unshare(CLONE_NEWNET) == 0) {
        n->own_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        status = raise_loopback(err);
    }
    if (status < 0) {
        net_leave(n);
        net_close(n);
        return status;
    }
    *ret_net = n;
    return 0;
}

static void enter(const struct net *n)
{
    if (n->own_fd >= 0)
        ASSERT(setns(n->own_fd, CLONE_NEWNET) == 0);
}

void net_leave(struct net *n)
{
    if (n->own_fd >= 0)
        ASSERT(setns(n->back_fd, CLONE_NEWNET) == 0);
}

static int make_socket(struct net *n, int type)
{
    int fd;

    enter(n);
    fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    net_leave(n);
    return fd;
}

/* ---- ends ---- */

void net_watch(struct net *n, uint32_t end, int op)
{
    const struct end *e = &n->ends[end];
    struct epoll_event event = {.data.u32 = end};

    if ((!e->held || PLANT_VT == 19) && !e->peer_ended && !e->connecting)
        event.events |= EPOLLIN;
    if (e->connecting || e->unsent.len > e->sent)
        event.events |= EPOLLOUT;
    epoll_ctl(n->epoll_fd, op, e->fd, &event);
}

int net_add_end(struct net *n, int fd, enum end_kind kind, uint32_t *ret_end, struct err *err)
{
    if (n->open_count >= CAGE_NET_ENDS_MAX) {
        close(fd);
        return err_set(err, ERR_FULL, "%d sockets are open, more are not had in one run",
                       CAGE_NET_ENDS_MAX);
    }
    n->ends = mem_grow(n->ends, &n->cap, n->len + 1, sizeof(*n->ends));
    n->ends[n->len] = (struct end){.fd = fd, .kind = kind};
    n->open_count++;
    *ret_end = (uint32_t)n->len++;
    return 0;
}

void net_drop_end(struct net *n, uint32_t end)
{
    struct end *e = &n->ends[end];

    if (e->fd < 0)
        return;
    close(e->fd);
    e->fd = -1;
    buf_release(&e->unsent);
    n->open_count--;
}

void net_close(struct net *n)
{
    size_t i;

    if (n == NULL)
        return;
    for (i = 0; i < n->len; i++) {
        net_drop_end(n, (uint32_t)i);
        net_drop_news(&n->ends[i]);
    }
    mem_free(n->ends);
    mem_free(n->piece);
    mem_free(n->news);
    if (n->epoll_fd >= 0)
        close(n->epoll_fd);
    if (n->own_fd >= 0)
        close(n->own_fd);
    if (n->back_fd >= 0)
        close(n->back_fd);
    mem_free(n);
}

void net_no_delays(int fd)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static bool to_kernel(const struct cage_net_address *a, struct sockaddr_in *ret_address)
{
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(a->port)};
    ret_address->sin_addr.s_addr = htonl(a->host[0] == '\0' ? INADDR_LOOPBACK : 0);
    return a->host[0] == '\0' || inet_pton(AF_INET, a->host, &ret_address->sin_addr) == 1;
}

struct cage_net_address net_from_kernel(const struct sockaddr_in *a)
{
    struct cage_net_address address = {.port = ntohs(a->sin_port)};

    inet_ntop(AF_INET, &a->sin_addr, address.host, sizeof(address.host));
    return address;
}

/* A socket bound to our address, or negative. */
static int bound_socket(struct net *n, int type, const struct cage_net_address *at, struct err *err)
{
    struct sockaddr_in address;
    int on = 1;
    int fd;

    if (!to_kernel(at, &address))
        return err_set(err, ERR_INPUT, "%s is no address of the kind 127.0.0.1", at->host);
    fd = make_socket(n, type);
    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "no socket can be made");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (type == SOCK_STREAM)
        net_no_delays(fd);
    if ((at->host[0] != '\0' || at->port != 0) &&
        bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        err_set_errno(err, ERR_INPUT, "%s:%u cannot be used", at->host, at->port);
        close(fd);
        return ERR_INPUT;
    }
    return fd;
}

/* ---- what the caller asks for ---- */

static struct net *net_of(const struct cage *c)
{
    ASSERT(c->net != NULL);
    return c->net;
}

static struct end *end_of(struct net *n, uint32_t end)
{
    ASSERT(end < n->len);
    return n->ends[end].fd < 0 ? NULL : &n->ends[end];
}

void cage_net_listen_to(struct cage *c, const struct cage_net_events *events)
{
    net_of(c)->events = *events;
}

bool cage_net_is_own(const struct cage *c)
{
    return net_of(c)->own_fd >= 0;
}

bool cage_net_is_open(const struct cage *c, uint32_t end)
{
    return end_of(net_of(c), end) != NULL;
}

/* Of the shared loopback device: a port that is free just now. */
static uint16_t free_port(struct net *n)
{
    struct cage_net_address any = {.host = "127.0.0.1"};
    struct sockaddr_in got = {0};
    socklen_t len = sizeof(got);
    struct err ignored;
    int fd = bound_socket(n, SOCK_STREAM, &any, &ignored);

    if (fd < 0)
        return 0;
    getsockname(fd, (struct sockaddr *)&got, &len);
    close(fd);
    return ntohs(got.sin_port);
}

struct cage_net_address cage_net_address(struct cage *c, uint32_t node)
{
    struct net *n = net_of(c);
    struct cage_net_address address = {.host = "127.0.0.1"};
    struct in_addr own = {htonl(0x7f000100 + node + 1)};

    if (n->own_fd < 0) {
        address.port = free_port(n);
        return address;
    }
    inet_ntop(AF_INET, &own, address.host, sizeof(address.host));
    address.port = n->next_port++;
    return address;
}

int cage_net_connect(struct cage *c, const struct cage_net_address *from,
                     const struct cage_net_address *to, uint32_t *ret_end, struct err *err)
{
    struct net *n = net_of(c);
    struct sockaddr_in address;
    int status;
    int fd;

    if (!to_kernel(to, &address))
        return err_set(err, ERR_INPUT, "%s is no address of the kind 127.0.0.1", to->host);
    fd = bound_socket(n, SOCK_STREAM, from, err);
    if (fd < 0)
        return fd;
    status = net_add_end(n, fd, END_STREAM, ret_end, err);
    if (status < 0)
        return status;
    (void)!connect(fd, (struct sockaddr *)&address,
                   sizeof(address)); /* how it went is heard later */
    n->ends[*ret_end].connecting = true;
    net_watch(n, *ret_end, EPOLL_CTL_ADD);
    return 0;
}

int cage_net_listen(struct cage *c, const struct cage_net_address *at, uint32_t *ret_end,
                    struct err *err)
{
    struct net *n = net_of(c);
    int fd = bound_socket(n, SOCK_STREAM, at, err);
    int status;

    if (fd < 0)
        return fd;
    if (listen(fd, BACKLOG) < 0) {
        status = err_set_errno(err, ERR_INPUT, "%s:%u cannot be listened at", at->host, at->port);
        close(fd);
        return status;
    }
    status = net_add_end(n, fd, END_LISTENER, ret_end, err);
    if (status == 0)
        net_watch(n, *ret_end, EPOLL_CTL_ADD);
    return status;
}

int cage_net_udp(struct cage *c, const struct cage_net_address *at, uint32_t *ret_end,
                 struct err *err)
{
    struct net *n = net_of(c);
    int fd = bound_socket(n, SOCK_DGRAM, at, err);
    int status;

    if (fd < 0)
        return fd;
    status = net_add_end(n, fd, END_UDP, ret_end, err);
    if (status == 0)
        net_watch(n, *ret_end, EPOLL_CTL_ADD);
    return status;
}

struct cage_net_address cage_net_own_address(const struct cage *c, uint32_t end)
{
    const struct end *e = end_of(net_of(c), end);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    if (e != NULL)
        getsockname(e->fd, (struct sockaddr *)&address, &len);
    return net_from_kernel(&address);
}

bool net_flush(struct net *n, uint32_t end)
{
    struct end *e = &n->ends[end];

    while (e->sent < e->unsent.len) {
        ssize_t sent = send(e->fd, e->unsent.data + e->sent, e->unsent.len - e->sent, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN;
        e->sent += (size_t)sent;
        n->heard++; /* the node has something to read, also if it says nothing to that */
    }
    buf_reset(&e->unsent);
    e->sent = 0;
    if (e->finishing)
        shutdown(e->fd, SHUT_WR);
    return true;
}

int cage_net_send(struct cage *c, uint32_t end, struct str bytes)
{
    struct net *n = net_of(c);
    struct end *e = end_of(n, end);

    if (e == NULL || e->finishing)
        return 0;
    if (e->unsent.len - e->sent + bytes.len > CAGE_NET_UNSENT_MAX)
        return ERR_FULL;
    buf_add_str(&e->unsent, bytes);
    if (!e->connecting) {
        net_flush(n, end);
        net_watch(n, end, EPOLL_CTL_MOD);
    }
    return 0;
}

void cage_net_send_to(struct cage *c, uint32_t end, const struct cage_net_address *to,
                      struct str bytes)
{
    struct end *e = end_of(net_of(c), end);
    struct sockaddr_in address;

    if (e != NULL && to_kernel(to, &address)) /* a datagram may be lost */
        (void)!sendto(e->fd, bytes.data, bytes.len, MSG_NOSIGNAL, (struct sockaddr *)&address,
                      sizeof(address));
}

size_t cage_net_unsent(const struct cage *c, uint32_t end)
{
    const struct end *e = end_of(net_of(c), end);

    return e == NULL ? 0 : e->unsent.len - e->sent;
}

void cage_net_hold(struct cage *c, uint32_t end, bool hold)
{
    struct net *n = net_of(c);
    struct end *e = end_of(n, end);

    if (e == NULL)
        return;
    e->held = hold;
    net_watch(n, end, EPOLL_CTL_MOD);
}

void cage_net_finish(struct cage *c, uint32_t end)
{
    struct net *n = net_of(c);
    struct end *e = end_of(n, end);

    if (e == NULL || e->finishing)
        return;
    e->finishing = true;
    if (PLANT_VT == 20) /* planted bug: what is unsent is cut off */
        shutdown(e->fd, SHUT_WR);
    if (!e->connecting)
        net_flush(n, end);
}

void cage_net_close(struct cage *c, uint32_t end)
{
    net_drop_end(net_of(c), end);
}

void cage_net_reset(struct cage *c, uint32_t end)
{
    struct end *e = end_of(net_of(c), end);
    struct linger at_once = {.l_onoff = 1};

    if (e == NULL)
        return;
    setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    net_drop_end(net_of(c), end);
}

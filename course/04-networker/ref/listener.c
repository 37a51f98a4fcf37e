/* listener.c - listen, accept, and the door.
 *
 * Even those that cannot be served are accepted: left in the kernel's queue they would hang there
 * without a word. A place is counted when somebody is served and given back in listener_gone(),
 * which every connection passes through, however it ended. */
#include "listener.h"

#include "conn.h"
#include "guard.h"
#include "node.h"
#include "protos.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    BUFFER_MAX = 1 << 20, /* of one connection, unless listen says otherwise */
};

static struct listener *all;

static void list_put(struct conn **at, struct conn *c)
{
    c->next = *at;
    c->at = at;
    if (*at != NULL)
        (*at)->at = &c->next;
    *at = c;
}

static void list_remove(struct conn *c)
{
    if (c->next != NULL)
        c->next->at = c->at;
    *c->at = c->next;
}

static void serve(struct listener *l, struct conn *c)
{
    list_put(&l->served, c);
    l->served_count++;
    conn_serve(c);
}

static void wait_for_a_place(struct listener *l, struct conn *c)
{
    list_put(l->waiting_end, c);
    l->waiting_end = &c->next;
    l->waiting_count++;
}

static void leave_the_queue(struct listener *l, struct conn *c)
{
    if (l->waiting_end == &c->next)
        l->waiting_end = c->at;
    list_remove(c);
    l->waiting_count--;
}

static void turn_away(int fd)
{
    char unread[4096];

    send(fd, "BUSY\n", 5, MSG_NOSIGNAL);
    while (recv(fd, unread, sizeof(unread), 0) > 0)
        ; /* a close with bytes unread would be a reset, and might overtake the line */
    close(fd);
}

static void admit(struct listener *l, int fd)
{
    if (l->served_count < l->serve_max)
        serve(l, conn_new(l, fd));
    else if (l->waiting_count < l->wait_max)
        wait_for_a_place(l, conn_new(l, fd));
    else
        turn_away(fd);
}

void listener_gone(struct listener *l, struct conn *c)
{
    struct conn *first;

    if (c->waiting) {
        leave_the_queue(l, c);
        return;
    }
    list_remove(c);
    l->served_count--;
    first = l->waiting;
    if (first != NULL && l->fd >= 0) {
        leave_the_queue(l, first);
        serve(l, first);
    }
}

static void on_arrival(int fd, int events, void *owner)
{
    int one = 1, client;

    (void)events;
    while ((client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)); /* answers are whole */
        admit(owner, client);
    }
    if (errno != EAGAIN && errno != ECONNABORTED)
        node_log("accept: %s", strerror(errno));
}

/* A socket that accepts, or -1. */
static int open_at(const char *host, int64_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int one = 1;

    if (fd < 0)
        return -1;
    /* Connections of an earlier life may still be in TIME_WAIT; they must not keep us out. */
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (host == NULL || inet_pton(AF_INET, host, &at.sin_addr) != 1)
        errno = EINVAL;
    else if (bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

static int64_t option(const struct message *m, const char *name, int64_t otherwise)
{
    return json_int_of(json_get(m->body, name), otherwise);
}

void on_listen(const struct message *m)
{
    const struct proto *proto = proto_find(json_text_of(json_get(m->body, "proto")));
    struct listener *l;
    int fd;

    if (proto == NULL) {
        node_error(m, NODE_NOT_SUPPORTED, "this server does not know this proto");
        return;
    }
    fd = open_at(json_text_of(json_get(m->body, "host")), option(m, "port", 0));
    l = fd < 0 ? NULL : calloc(1, sizeof(*l));
    if (l == NULL) {
        node_error(m, NODE_CRASH, strerror(errno));
        return;
    }
    *l = (struct listener){
        .next = all,
        .fd = fd,
        .proto = proto,
        .buffer_max = (size_t)option(m, "buffer", BUFFER_MAX),
        .serve_max = (int)option(m, "max_conns", INT_MAX),
        .wait_max = (int)option(m, "queue", 0),
        .idle_ms = (int)option(m, "idle_ms", 1000),
        .misses_max = (int)option(m, "misses", 3),
        .version_max = (int)option(m, "max_version", INT_MAX),
        .guard = guard_new(m->body),
        .waiting_end = &l->waiting,
    };
    all = l;
    node_watch(fd, NODE_READABLE, on_arrival, l);
    node_reply(m, "listen_ok", NULL);
}

struct listener *listener_first(void)
{
    return all;
}

void listener_shut(struct listener *l)
{
    node_unwatch(l->fd);
    close(l->fd);
    l->fd = -1;
}

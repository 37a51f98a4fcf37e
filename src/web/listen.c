#include "listen.h"

#include "../base/err.h"
#include "../base/str.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_MAX = 64, BACKLOG = 128 };

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } socket;
    socklen_t len;
};

/* Splits "HOST:PORT"; a host in brackets loses them. False: it is no such text. */
static bool split(const char *text, char host[HOST_MAX], const char **ret_port)
{
    size_t all = strlen(text), len;
    const char *colon = strrchr(text, ':');

    if (all > 0 && text[all - 1] == ']')
        colon = NULL; /* it is one of the address's own */
    len = colon != NULL ? (size_t)(colon - text) : all;
    if (len > 0 && text[len - 1] != ']' && memchr(text, ':', len) != NULL)
        return false; /* IPv6 without brackets */
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= HOST_MAX)
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    *ret_port = colon != NULL ? colon + 1 : NULL;
    return true;
}

/* False: no address, or not of loopback where it must be. */
static bool read_host(const char *host, bool anywhere, struct address *a)
{
    memset(a, 0, sizeof(*a));
    if (strcasecmp(host, "localhost") == 0)
        host = "127.0.0.1";
    if (inet_pton(AF_INET, host, &a->socket.v4.sin_addr) == 1) {
        a->socket.v4.sin_family = AF_INET;
        a->len = sizeof(a->socket.v4);
        return anywhere || ntohl(a->socket.v4.sin_addr.s_addr) >> 24 == 127;
    }
    if (inet_pton(AF_INET6, host, &a->socket.v6.sin6_addr) == 1) {
        a->socket.v6.sin6_family = AF_INET6;
        a->len = sizeof(a->socket.v6);
        return anywhere || IN6_IS_ADDR_LOOPBACK(&a->socket.v6.sin6_addr);
    }
    return false;
}

bool listen_is_own_host(const char *host)
{
    char name[HOST_MAX];
    const char *port;
    struct address a;

    return split(host, name, &port) && read_host(name, false, &a);
}

static void set_port(struct address *a, uint16_t port)
{
    if (a->socket.any.sa_family == AF_INET)
        a->socket.v4.sin_port = htons(port);
    else
        a->socket.v6.sin6_port = htons(port);
}

/* The socket itself, and the port that it has. Negative: errno says why. */
static int bind_to(const struct address *a, uint16_t *ret_port)
{
    int fd = socket(a->socket.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct address got = *a;
    int on = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, &a->socket.any, a->len) < 0 || listen(fd, BACKLOG) < 0 ||
        getsockname(fd, &got.socket.any, &got.len) < 0) {
        close(fd);
        return -1;
    }
    *ret_port = ntohs(got.socket.any.sa_family == AF_INET ? got.socket.v4.sin_port
                                                          : got.socket.v6.sin6_port);
    return fd;
}

int listen_open(const char *text, bool anywhere, struct listen_place *ret_place, struct err *err)
{
    const char *port = NULL;
    char host[HOST_MAX];
    int64_t number = -1;
    struct address a;
    uint16_t got = 0;
    int fd;

    if (!split(text, host, &port) || port == NULL || !str_to_i64(str_of(port), &number) ||
        number < 0 || number > 65535)
        return err_set(err, ERR_INPUT,
                       "\"%s\" is not ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:0", text);
    if (!read_host(host, anywhere, &a) && anywhere)
        return err_set(err, ERR_INPUT, "%s is not an address, such as 0.0.0.0, 10.0.0.7 or [::]",
                       host);
    if (!read_host(host, anywhere, &a))
        return err_set(err, ERR_INPUT,
                       "%s is not an address of this machine alone; without accounts everybody who "
                       "reaches the server would be its learner, so it listens on 127.0.0.1, ::1 "
                       "or localhost only",
                       host);
    set_port(&a, (uint16_t)number);
    fd = bind_to(&a, &got);
    if (fd < 0)
        return err_set_errno(err, ERR_MACHINE, "listening on %s (port 0 finds a free one)", text);
    ret_place->fd = fd;
    snprintf(ret_place->url, sizeof(ret_place->url),
             a.socket.any.sa_family == AF_INET ? "http://%s:%u/" : "http://[%s]:%u/",
             strcasecmp(host, "localhost") == 0 ? "127.0.0.1" : host, (unsigned)got);
    return 0;
}

void listen_close(struct listen_place *place)
{
    close(place->fd);
    place->fd = -1;
}

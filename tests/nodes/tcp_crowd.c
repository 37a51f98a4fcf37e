/* Bytes come back, to ten thousand at once: listen {host, port} -> listen_ok. One event loop for
 * all connections.
 *
 * Modes: right
 *        select   as a server that is built on select(2): those whose descriptor is above 1,023
 *                 are accepted and never looked at */
#include "mode.h"
#include "node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RIGHT, SELECT };
enum { SELECT_MAX = 1024 };

static int mode;

/* What comes is sent back at once; the pieces of this test are small enough for that. */
static void on_bytes(int fd, int events, void *owner)
{
    char bytes[4096];
    ssize_t got = (events & NODE_FAILED) != 0 ? 0 : read(fd, bytes, sizeof(bytes));

    (void)owner;
    if (got < 0 && errno == EAGAIN)
        return;
    if (got > 0 && send(fd, bytes, (size_t)got, MSG_NOSIGNAL) == got)
        return;
    node_unwatch(fd);
    close(fd);
}

static void on_arrival(int listener, int events, void *owner)
{
    int fd;

    (void)events;
    (void)owner;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (mode == RIGHT || fd < SELECT_MAX)
            node_watch(fd, NODE_READABLE, on_bytes, NULL);
    }
    if (errno != EAGAIN)
        node_log("accept: %s", strerror(errno));
}

static void on_listen(const struct message *m)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    at.sin_port = htons((uint16_t)json_int_of(json_get(m->body, "port"), 0));
    inet_pton(AF_INET, json_text_of(json_get(m->body, "host")), &at.sin_addr);
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 4096) < 0) {
        node_error(m, NODE_CRASH, strerror(errno));
        return;
    }
    node_watch(fd, NODE_READABLE, on_arrival, NULL);
    node_reply(m, "listen_ok", NULL);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"right", "select", NULL};
    struct rlimit limit;

    mode = mode_parse(argc, argv, modes);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    node_on("listen", on_listen);
    return node_run();
}

/* Bytes come back: listen {host, port} -> listen_ok, once the socket accepts; call {host, port,
 * text} -> call_ok {answer}: connects, sends text, gives all that comes. A thread for each
 * connection.
 *
 * Modes: short-write   what a write leaves over is forgotten (the socket does not wait)
 *        lost-tail     at the end of the stream it closes, with bytes not yet sent back
 *        slow          each piece comes back 20 ms late
 *        one-at-a-time a second client is served when the first has gone */
#include "mode.h"
#include "node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOUND, SHORT_WRITE, LOST_TAIL, SLOW, ONE };

static int mode;

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, bytes, len, mode == SHORT_WRITE ? MSG_DONTWAIT : 0);
        if (mode == SHORT_WRITE)
            return true;
        if (sent < 0)
            return false;
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

static void *serve(void *arg)
{
    int fd = (int)(intptr_t)arg;
    static _Thread_local char bytes[1 << 16];
    size_t kept = 0; /* LOST_TAIL: it answers a piece when the next has come */
    ssize_t got;

    while ((got = read(fd, bytes + kept, sizeof(bytes) / 2)) > 0) {
        if (mode == SLOW)
            usleep(20000);
        if (mode == LOST_TAIL) {
            if (!write_all(fd, bytes, kept))
                break;
            memmove(bytes, bytes + kept, (size_t)got);
            kept = (size_t)got;
        } else if (!write_all(fd, bytes, (size_t)got)) {
            break;
        }
    }
    close(fd);
    return NULL;
}

static void *accept_all(void *arg)
{
    int listener = (int)(intptr_t)arg;
    pthread_attr_t small;
    pthread_t thread;
    int fd;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 256 << 10);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        if (mode == ONE)
            serve((void *)(intptr_t)fd);
        else if (pthread_create(&thread, &small, serve, (void *)(intptr_t)fd) != 0)
            close(fd);
    }
    return NULL;
}

static struct sockaddr_in address_of(const struct message *m)
{
    struct sockaddr_in a = {.sin_family = AF_INET};

    a.sin_port = htons((uint16_t)json_int_of(json_get(m->body, "port"), 0));
    inet_pton(AF_INET, json_text_of(json_get(m->body, "host")), &a.sin_addr);
    return a;
}

static void on_listen(const struct message *m)
{
    struct sockaddr_in at = address_of(m);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    pthread_t thread;
    int on = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 4096) < 0) {
        node_error(m, NODE_CRASH, strerror(errno));
        return;
    }
    pthread_create(&thread, NULL, accept_all, (void *)(intptr_t)fd);
    node_reply(m, "listen_ok", NULL);
}

static void on_call(const struct message *m)
{
    struct sockaddr_in to = address_of(m);
    const char *text = json_text_of(json_get(m->body, "text"));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[4096] = "";
    size_t len = 0;
    ssize_t got;

    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
        node_error(m, NODE_UNAVAILABLE, strerror(errno));
        close(fd);
        return;
    }
    write_all(fd, text, strlen(text));
    shutdown(fd, SHUT_WR);
    while (len < sizeof(answer) - 1 && (got = read(fd, answer + len, sizeof(answer) - 1 - len)) > 0)
        len += (size_t)got;
    close(fd);
    node_reply(m, "call_ok", "answer", json_string(answer), NULL);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"sound", "short-write",   "lost-tail",
                                        "slow",  "one-at-a-time", NULL};

    mode = mode_parse(argc, argv, modes);
    signal(SIGPIPE, SIG_IGN);
    node_on("listen", on_listen);
    node_on("call", on_call);
    return node_run();
}

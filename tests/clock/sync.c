/* sync.c - an echo node that writes to its disk for each answer and says how long that took. */
#include "node.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int fd;

static int64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void on_echo(const struct message *m)
{
    int64_t from;

    if (write(fd, "x", 1) != 1)
        exit(1);
    from = now_ns();
    if (fsync(fd) < 0)
        exit(1);
    node_log("fsync took %lld ns", (long long)(now_ns() - from));
    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
}

int main(void)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/log", getenv("EDDY_DATA"));
    fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd < 0)
        return 1;
    node_on("echo", on_echo);
    return node_run();
}

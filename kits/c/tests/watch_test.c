/* watch_test.c - descriptors watched by the event loop, and its end by node_stop().
 *
 * Method: one run of node_run() on an empty pipe as stdin. A timer sets each scene, and what the
 * handlers saw is looked at by the next timer. */
#include "node.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int failures;

#define CHECK(condition)                                                                           \
    ((condition) ? (void)0                                                                         \
                 : (void)(failures++, printf("watch_test.c:%d: %s\n", __LINE__, #condition)))

struct end {
    int fd, seen, count;
};
static struct end a, b, c; /* our ends; the others are in far */
static int far[3];

static void pair(struct end *e, int *other)
{
    int both[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both) < 0)
        exit(2);
    *e = (struct end){.fd = both[0]};
    *other = both[1];
}

static void note(int fd, int events, void *owner)
{
    struct end *e = owner;
    char byte;

    CHECK(fd == e->fd);
    e->seen = events;
    e->count++;
    if (events & NODE_READABLE)
        CHECK(read(fd, &byte, 1) >= 0);
    if (events & NODE_WRITABLE)
        node_watch(fd, NODE_READABLE, note, e);
    if (events & NODE_FAILED)
        node_unwatch(fd);
}

static void say(int fd)
{
    CHECK(write(fd, "x", 1) == 1);
}

/* Whichever of a and b runs first closes the other, whose number c gets: c hears nothing. */
static void close_the_other(int fd, int events, void *owner)
{
    struct end *other = owner == &a ? &b : &a;

    (void)events;
    node_unwatch(fd);
    node_unwatch(other->fd);
    c = (struct end){.fd = other->fd};
    CHECK(dup2(far[2], other->fd) == other->fd);
    node_watch(c.fd, NODE_READABLE, note, &c);
    a.count++;
}

static void scene_4(void *owner)
{
    (void)owner;
    CHECK(a.count == 1 && c.count == 0);
    node_stop(7);
}

static void scene_3(void *owner)
{
    int unused;

    (void)owner;
    CHECK(a.seen & NODE_FAILED); /* although only reading was asked for */
    CHECK(b.count == 0);         /* nothing was ever said to it */
    node_unwatch(b.fd);
    close(a.fd);
    close(b.fd);
    pair(&a, &far[0]);
    pair(&b, &far[1]);
    pair(&c, &unused);
    far[2] = c.fd;
    node_watch(a.fd, NODE_READABLE, close_the_other, &a);
    node_watch(b.fd, NODE_READABLE, close_the_other, &b);
    say(far[0]);
    say(far[1]);
    node_after(2, scene_4, NULL);
}

static void scene_2(void *owner)
{
    (void)owner;
    CHECK(a.count == 2 && a.seen == NODE_READABLE); /* writable once, then a byte */
    CHECK(b.count == 0);
    close(far[0]);
    node_after(2, scene_3, NULL);
}

static void scene_1(void *owner)
{
    (void)owner;
    pair(&a, &far[0]);
    pair(&b, &far[1]);
    node_watch(a.fd, NODE_READABLE | NODE_WRITABLE, note, &a);
    node_watch(b.fd, NODE_READABLE, note, &b);
    say(far[0]);
    say(far[0]);
    node_unwatch(b.fd);
    node_unwatch(b.fd);
    node_watch(b.fd, 0, note, &b);
    say(far[1]); /* not asked for */
    node_after(2, scene_2, NULL);
}

int main(void)
{
    int in[2];

    if (pipe(in) < 0 || dup2(in[0], STDIN_FILENO) < 0)
        return 2;
    node_after(0, scene_1, NULL);
    CHECK(node_run() == 7);
    puts(failures == 0 ? "watch_test: all well" : "watch_test: failed");
    return failures == 0 ? 0 : 1;
}

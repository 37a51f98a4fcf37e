/* listener.h - an address at which connections come in, and who of them is served.
 *
 * At most `serve_max` are served at one time, `wait_max` more wait for a place in the order of
 * their arrival, and the others are told BUSY at once. */
#ifndef NETWORKER_LISTENER_H
#define NETWORKER_LISTENER_H

#include <stddef.h>

struct conn;
struct message;
struct proto;

struct listener {
    struct listener *next;
    int fd; /* -1: nobody can connect any more */
    const struct proto *proto;
    size_t buffer_max;
    int serve_max, wait_max;
    int idle_ms, misses_max; /* alive.c */
    int version_max;         /* versions.c */
    struct guard *guard;     /* of gRPC; NULL: none */
    struct conn *served, *waiting, **waiting_end;
    int served_count, waiting_count;
};

void on_listen(const struct message *m);

/* c is closed: its place goes to the one that has waited longest. */
void listener_gone(struct listener *l, struct conn *c);

/* For the shutdown: the first of all, and the end of accepting. */
struct listener *listener_first(void);
void listener_shut(struct listener *l);

#endif

/* conn.h - one connection: bytes in, a protocol in between, bytes out.
 *
 * The protocol sees only buffers: its step() takes one whole message out of `in` and puts the
 * answer into `out`, whenever there is room there. When `out` holds as much as the listener allows,
 * nothing more is stepped and nothing more is read, until the peer takes what it has coming:
 * backpressure.
 *
 *     bytes ──read──▶ in ──step()──▶ out ──write──▶ bytes
 *              ▲                      │
 *              └── not while full ────┘
 *
 * Only conn_turn() and conn_close() free a connection; whoever calls them must not touch it
 * afterwards. step() and timers of protocols use conn_finish() and the buffers. */
#ifndef NETWORKER_CONN_H
#define NETWORKER_CONN_H

#include "buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct listener;

struct proto {
    const char *name; /* as in listen {proto} */
    size_t state_size;
    void (*opened)(struct conn *c); /* NULL: nothing to do */
    bool (*step)(struct conn *c);   /* false: `in` holds no whole message */
    bool (*refill)(struct conn *c); /* NULL, or: put more into out, if there is some; true: done */
    void (*closed)(struct conn *c); /* NULL: nothing to do */
};

struct conn {
    int fd;
    struct listener *listener;
    struct conn *next, **at; /* in one of the listener's lists */
    struct buffer in, out;
    bool waiting;          /* accepted, not yet served */
    bool peer_done;        /* the peer sends no more */
    bool finishing;        /* we are done, but for what is in out */
    size_t lingered;       /* bytes thrown away since our end of the stream */
    uint64_t linger_timer; /* 0: we have not sent our end */
    bool paused;           /* nothing is read, as the protocol wants */
    int busy;              /* requests in work: answers that are still to come */
    int answered;          /* of those that were in work at the shutdown */
    void *state;           /* the protocol's, state_size bytes, zero at first */
};

struct conn *conn_new(struct listener *l, int fd);
void conn_serve(struct conn *c); /* from now on it is read */

/* Lets it go on after something was put into out or `busy` changed: sends, steps, and closes it
 * when it is over. */
void conn_turn(struct conn *c);

void conn_finish(struct conn *c); /* no more steps; it is closed when out has been sent */
void conn_close(struct conn *c);  /* at once; what is in out is lost */

#endif

/* server_parts.h - what the files of the server share. Private to server.c, send.c, stream.c and
 * later.c.
 *
 * Two threads: libmicrohttpd's, which reads, writes, calls handlers and asks streams; and the one
 * that calls server_sweep(), which looks at times and wakes what sleeps. Besides there are the
 * short-lived ones of later.c. The lock guards what both touch, as each field says. */
#ifndef WEB_SERVER_PARTS_H
#define WEB_SERVER_PARTS_H

#include "listen.h"
#include "response.h"
#include "server.h"

#include <microhttpd.h>
#include <pthread.h>

enum { ASKER_MAX = 80 };

struct later;
struct stream;
struct zips;

/* A connection and its deadline. */
struct guest {
    struct guest *next;
    int fd;
    int64_t due_ms; /* the sweep ends it then */
};

struct server {
    struct server_config config;
    struct MHD_Daemon *daemon;
    struct listen_place place;
    pthread_mutex_t lock;
    struct guest *guests;   /* under the lock */
    struct stream *streams; /* under the lock */
    uint32_t stream_count, later_count;
    pthread_cond_t idle;  /* later_count became 0 */
    bool stopping;        /* under the lock: nothing may go to sleep any more */
    size_t bodies_bytes;  /* of all bodies that are being read; libmicrohttpd's thread only */
    struct zips *zips;    /* likewise */
    int64_t away_said_ms; /* likewise: when the log was told last that the database is away */
};

int64_t server_now_ms(void);
const char *server_header(struct MHD_Connection *c, const char *name);
struct guest *server_guest(struct MHD_Connection *c);
/* The guest has time until then; takes the lock. */
void server_set_due(struct server *s, struct guest *g, int64_t due_ms);

/* ---- send.c ---- */

/* Sends r; takes its stream, if it is one. asker: whose stream it is, for the limit. */
enum MHD_Result send_response(struct server *s, struct MHD_Connection *c, struct response *r,
                              const char *asker);
/* etag NULL: it is a stream. */
void send_headers(struct MHD_Response *m, const struct response *r, const char *etag);

/* ---- stream.c: what is told as it happens ---- */

/* True if one more may be opened by this asker; else r is a problem that says so. */
bool stream_has_room(struct server *s, const char *asker, struct response *r);
enum MHD_Result stream_send(struct server *s, struct MHD_Connection *c, struct response *r,
                            const char *asker);
/* Wakes those that are to be asked again, or whose clients are gone. Not in libmicrohttpd's
 * thread. */
void stream_sweep(struct server *s, int64_t now_ms);

/* ---- later.c: what somebody must work for ---- */

/* Puts the connection to sleep and begins the work; takes r->later. NULL: too many work already,
 * and r is a problem that says so. */
struct later *later_start(struct server *s, struct MHD_Connection *c, struct response *r);
/* After it woke: what answer() says. Frees l. */
int later_answer(struct later *l, const struct site *site, struct response *r, struct err *err);
void later_free(struct later *l);  /* of one that woke and is not to be answered; NULL is fine */
void later_wait(struct server *s); /* until nobody works any more */

#endif

/* server.h - the course over HTTP/1.1, by libmicrohttpd.
 *
 * One thread answers, so handlers need no locks. Nobody can hold it up: what a client sends is
 * limited in size, and a request must be over, to the last byte of its answer, within a time. A
 * database that falls silent costs it SERVER_DATABASE_MS once; from then on who needs the database
 * is told so (503), and all others have their pages.
 * Without accounts it listens on this machine's own addresses only (loopback), and answers only
 * requests that name such a host, so that a page from elsewhere cannot reach it under a name of its
 * own (DNS rebinding). With accounts it may listen anywhere, if it is told the address that people
 * type; then Host must be that. */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <stdint.h>

struct err;
struct server;
struct site;

enum {
    SERVER_BODY_MAX = 8 << 20,     /* of a request; the route may say less (routes.h) */
    SERVER_BODIES_MAX = 64 << 20,  /* of all that are being read */
    SERVER_HEAD_MAX = 16 << 10,    /* of a request: its line and header together, about */
    SERVER_CONNECTIONS_MAX = 900,  /* more wait in the kernel's queue */
    SERVER_IDLE_SECONDS = 15,      /* without a byte */
    SERVER_REQUEST_SECONDS = 60,   /* from the end of an answer to the end of the next one; of a
                                      stream: without taking a byte */
    SERVER_STREAMS_MAX = 200,      /* that are open at once (response_stream) */
    SERVER_STREAMS_OF_ONE_MAX = 8, /* of a person, or of an address that has not signed in */
    SERVER_COMMENT_SECONDS = 15,   /* a stream that has nothing to say says that */
    SERVER_LATER_MAX = 8,          /* that work at once (response_later) */
    SERVER_DATABASE_MS = 2000,     /* that a database on a server has to answer (store_be_brief) */
};

struct server_config {
    const char *listen;  /* ADDRESS:PORT; [::1]:PORT; localhost:PORT. Port 0: the kernel's choice */
    uint32_t request_ms; /* 0: SERVER_REQUEST_SECONDS */
    uint32_t comment_ms; /* 0: SERVER_COMMENT_SECONDS */
    const struct site *site; /* borrowed; until server_stop() no other thread may use it */
    const char *url;         /* what people type, https://HOST; NULL: this machine's own names */
    const char *proxy; /* who may say in X-Forwarded-For for whom he asks; as address_plain() has
                          it, NULL: nobody */
};

/* Listens and answers from now on. ERR_INPUT: the address is none, or not of loopback while url is
 * NULL; ERR_MACHINE: it is taken, for one. */
int server_start(const struct server_config *config, struct server **ret_server, struct err *err);
/* The address to type: "http://127.0.0.1:40123/". Borrowed. */
const char *server_url(const struct server *s);
/* To be called ten times a second or more: asks streams for what is new, and ends connections whose
 * time is over. */
void server_sweep(struct server *s);
void server_stop(struct server *s); /* NULL is fine */

#endif

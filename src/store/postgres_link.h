/* postgres_link.h - one connection to PostgreSQL on which no call waits for ever. Private to
 * postgres.c.
 *
 * After ERR_AWAY the connection may be gone (conn NULL); then every call says so at once, until
 * link_connect() has made another. */
#ifndef STORE_POSTGRES_LINK_H
#define STORE_POSTGRES_LINK_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

struct err;

enum { LINK_PATIENCE_MS = 10000 };

struct pg_link {
    PGconn *conn;        /* NULL: there is none now */
    char *address;       /* owned; may hold a password, so it is never shown */
    const char *title;   /* for sentences; borrowed */
    int64_t patience_ms; /* 0: for ever, for migrations only */
    bool brief;          /* the server is to give up by itself before our patience ends */
};

/* The address without what is secret: "the database NAME on HOST"; owned by the caller. NULL and
 * err if it is none: ERR_INPUT. */
char *pg_link_title(const char *address, struct err *err);

int pg_link_connect(struct pg_link *l, struct err *err);
/* Tells the server of a new patience_ms or brief; pg_link_connect() does so by itself. */
int pg_link_settle(struct pg_link *l, struct err *err);
void pg_link_drop(struct pg_link *l);

/* After a PQsend... whose result was sent: the answer to the last statement in it, to be cleared by
 * the caller, or NULL with *ret_status and err as of store_do(). */
PGresult *pg_link_answer(struct pg_link *l, int sent, int *ret_status, struct err *err);

/* What came without being asked for is there for PQnotifies(). Never waits. */
int pg_link_listen(struct pg_link *l, struct err *err);

/* ERR_AWAY, and the sentence. */
int pg_link_is_gone(struct pg_link *l, struct err *err);

#endif

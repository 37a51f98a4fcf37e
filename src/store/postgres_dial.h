/* postgres_dial.h - connects in a thread of its own, for a caller who must not wait. Private to
 * postgres.c.
 *
 * Beside pg_dial_free(), which may be called while the thread is at it and does not wait for it
 * either, there is one call: pg_dial_take(). */
#ifndef STORE_POSTGRES_DIAL_H
#define STORE_POSTGRES_DIAL_H

#include "postgres_link.h"

struct pg_dial;

/* link: whose address, title and patience it takes; copied. */
struct pg_dial *pg_dial_new(const struct pg_link *link);
void pg_dial_free(struct pg_dial *d); /* NULL is fine */

/* A connection as pg_link_connect() makes it, the caller's from now on; or NULL: there is none so
 * far, but somebody is at it, and will try until there is one. */
PGconn *pg_dial_take(struct pg_dial *d);

#endif

/* settler.h - a thread that notes what came of submissions that nobody looks at.
 *
 * It has a connection of its own to the database, and waits as long as that takes: nobody waits for
 * it. When the database is away, it tries again. */
#ifndef WEB_SETTLER_H
#define WEB_SETTLER_H

struct err;
struct settler;

/* db: as of store_open(). ERR_INPUT, ERR_AWAY, ERR_MACHINE. */
int settler_start(const char *db, struct settler **ret_settler, struct err *err);
void settler_stop(struct settler *s); /* NULL is fine */

#endif

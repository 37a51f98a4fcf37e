/* store.h - the database, as statements that have names.
 *
 * One contract, two backends: a file of SQLite (sqlite.c) or a server of PostgreSQL (postgres.c).
 * The statements stand in sql/statements.sql and the tables in sql/migrate-NNN.sql; both are built
 * into the program, and where the two differ in a line, both lines stand there. Callers know only
 * names and values. Opening a database brings its tables up to date, under a lock: several
 * programs may do it at once. A database that a newer eddy has changed is refused, not guessed at.
 *
 * No call waits for ever: after 10 s without an answer, or when the server is gone, it says
 * ERR_AWAY. Then nobody knows whether the statement was done; an open transaction is over and was
 * not. store_reconnect() is the way back, and the only place that connects again.
 *
 * Not thread-safe; several processes may use one database at the same time. After a fork the child
 * must leave the parent's store alone: no call, not even store_close(). */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "../base/str.h"

struct err;
struct store;
struct store_rows;

/* For one "$n" of a statement. text.data NULL: the value is the integer. Texts are UTF-8 without
 * 0 bytes (PostgreSQL takes no others). */
struct store_value {
    struct str text;
    int64_t integer;
};

struct store_value store_text(const char *text);
struct store_value store_str(struct str text);
struct store_value store_integer(int64_t value);

/* db: a path, or postgresql://... as libpq reads it. Makes the file and its folders if they are not
 * there, but no database in a server. ERR_INPUT: it is no database of eddy's, or a newer one's, or
 * no address; ERR_AWAY: the server does not answer; ERR_MACHINE. */
int store_open(const char *db, struct store **ret_store, struct err *err);
void store_close(struct store *s); /* NULL is fine; all rows must be closed */
/* After ERR_AWAY. 0: it is there again, and everything as after store_open(). ERR_AWAY: not yet;
 * ERR_INPUT: it was changed by a newer eddy meanwhile. Where nothing is wrong it does nothing. No
 * rows may be open. */
int store_reconnect(struct store *s, struct err *err);
/* For a thread that others wait for: from now on a server has patience_ms to answer, instead of 10
 * s, and store_reconnect() never waits for one: it says ERR_AWAY until a thread of its own has
 * connected, so call it whenever nothing is open. A file of SQLite stays as it is. ERR_AWAY: it is
 * away already, and the rest holds. */
int store_be_brief(struct store *s, uint32_t patience_ms, struct err *err);
bool store_is_server(const struct store *s); /* other machines may use it too */

/* How many rows the statement changed, or negative: ERR_FULL if a unique index forbids it,
 * ERR_AWAY, ERR_INPUT if the database is damaged, ERR_MACHINE. count is the number of its "$n"; a
 * name that does not exist is a bug of ours. */
int store_do(struct store *s, const char *name, const struct store_value *values, uint32_t count,
             struct err *err);

/* A statement that gives rows; errors as above. Text and integers of a row are borrowed until the
 * next one. A statement that also changes something has done so for good when store_next() said 0.
 */
int store_query(struct store *s, const char *name, const struct store_value *values, uint32_t count,
                struct store_rows **ret_rows, struct err *err);
int store_next(struct store_rows *r, struct err *err); /* 1: a row; 0: no more; negative */
const char *store_row_text(const struct store_rows *r, uint32_t column); /* never NULL */
struct str store_row_str(const struct store_rows *r, uint32_t column);   /* likewise */
int64_t store_row_integer(const struct store_rows *r, uint32_t column);
void store_rows_close(struct store_rows *r); /* NULL is fine */

/* A statement that gives one integer in one row at most, or several rows of which the last counts,
 * to its end: 1 and the integer, or 0: no row. */
int store_ask(struct store *s, const char *name, const struct store_value *values, uint32_t count,
              int64_t *ret_value, struct err *err);

/* All or nothing; they do not nest. After a failure in between: rollback. */
int store_begin(struct store *s, struct err *err);
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);

/* Hints between programs on one database, over channels of up to 30 letters a-z. They may get lost,
 * so whoever hears must also look for himself now and then. */
enum { STORE_CHANNELS_MAX = 8 };
/* Outside of a transaction. A file of SQLite needs none: 0. */
int store_hint(struct store *s, const char *channel, int64_t number, struct err *err);
/* From now on, also after store_reconnect(). */
int store_listen(struct store *s, const char *channel, struct err *err);
/* 1: a hint. *ret_channel is one of those listened to, or NULL where nobody can say: somebody else
 * has changed something. 0: none; never waits. */
int store_hear(struct store *s, const char **ret_channel, int64_t *ret_number, struct err *err);
/* Readable when a hint may have come; -1: there is no such thing, call store_hear() now and then.
 */
int store_fd(const struct store *s);

/* A copy of a database that may be in use, as it is at one moment, in a new file that only its
 * owner may read; it has its name once all of it is on the disk and was read again. Has a
 * connection of its own, so any thread may call it. ERR_INPUT: db is on a server (its own tools
 * copy that), or is no database, or `to` exists; ERR_AWAY; ERR_MACHINE. */
int store_copy(const char *db, const char *to, struct err *err);

/* How many migrations this program knows. */
uint32_t store_version(void);

#endif

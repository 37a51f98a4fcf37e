/* store.h - the database, as statements that have names.
 *
 * The statements stand in sql/statements.sql and the tables in sql/migrate-NNN.sql; both are built
 * into the program. They keep to the SQL that SQLite and PostgreSQL share, so that callers know
 * only names and values. Opening a database brings its tables up to date, under a lock: several
 * programs may do it at once. A database that a newer eddy has changed is refused, not guessed at.
 *
 * Not thread-safe; several processes may use one database at the same time. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "../base/str.h"

struct err;
struct store;
struct store_rows;

/* For one "$n" of a statement. text.data NULL: the value is the integer. */
struct store_value {
    struct str text;
    int64_t integer;
};

struct store_value store_text(const char *text);
struct store_value store_integer(int64_t value);

/* Makes the file and its folders if they are not there. ERR_INPUT: it is no database of eddy's, or
 * a newer one's; ERR_MACHINE. */
int store_open(const char *path, struct store **ret_store, struct err *err);
void store_close(struct store *s); /* NULL is fine; all rows must be closed */

/* How many rows the statement changed, or ERR_MACHINE. count is the number of its "$n"; a name that
 * does not exist is a bug of ours. */
int store_do(struct store *s, const char *name, const struct store_value *values, uint32_t count,
             struct err *err);

/* A statement that gives rows. Text and integers of a row are borrowed until the next one. */
int store_query(struct store *s, const char *name, const struct store_value *values, uint32_t count,
                struct store_rows **ret_rows, struct err *err);
int store_next(struct store_rows *r, struct err *err); /* 1: a row; 0: no more; negative */
const char *store_row_text(const struct store_rows *r, uint32_t column); /* never NULL */
int64_t store_row_integer(const struct store_rows *r, uint32_t column);
void store_rows_close(struct store_rows *r); /* NULL is fine */

/* All or nothing; they do not nest. After a failure in between: rollback. */
int store_begin(struct store *s, struct err *err);
int store_commit(struct store *s, struct err *err);
void store_rollback(struct store *s);

/* How many migrations this program knows. */
uint32_t store_version(void);

#endif

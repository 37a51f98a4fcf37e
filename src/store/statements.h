/* statements.h - the SQL that is built into the program. Private to this room.
 *
 * A line that ends in "-- only: sqlite" or "-- only: postgresql" is for that dialect alone. */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "../base/str.h"

/* Appends the statement of this name, without its "-- name:" line; false if there is none. */
bool statement_text(const char *name, const char *dialect, struct buf *out);
/* The name of statement i, from 0, in *ret_name; false if there are not so many. */
bool statement_name(uint32_t i, struct str *ret_name);

/* Migrations count from 1. */
bool migration_exists(uint32_t n);
void migration_text(uint32_t n, const char *dialect, struct buf *out); /* of one that exists */

#endif

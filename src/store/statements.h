/* statements.h - the SQL that is built into the program. Private to this room: every backend reads
 * its statements and migrations here. */
#ifndef STORE_STATEMENTS_H
#define STORE_STATEMENTS_H

#include "../base/str.h"

/* The statement of this name, without its "-- name:" line; data NULL if there is none. */
struct str statement_find(const char *name);
/* Migration n, from 1; data NULL if there is none. */
struct str migration_text(uint32_t n);

#endif

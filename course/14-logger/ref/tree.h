/* tree.h - the newest entry of every key, wherever it lies: in memory or in a table. */
#ifndef LOGGER_TREE_H
#define LOGGER_TREE_H

#include "skiplist.h"

/* Opens the tables that the manifest names. 0, -EBADMSG: damaged. *ret_lsn: what they cover. */
int tree_open(uint64_t *ret_lsn);

void tree_put(const struct entry *e);
/* Writes what is in memory to a table and drops its part of the log. 0, or -errno: all is as
 * before. */
int tree_flush(void);
void tree_flush_if_full(void);

/* 0, -ENOENT or -EBADMSG. Adds the value to *ret_value. */
int tree_get(struct slice key, struct bytes *ret_value);

/* Calls fn in the order of keys from `from` to before `to` (data NULL: no end) until it says false.
 */
typedef bool (*tree_fn)(void *owner, const struct entry *e);
int tree_scan(struct slice from, struct slice to, tree_fn fn, void *owner);

#endif

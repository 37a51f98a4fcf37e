/* tree.h - the newest entry of every key, wherever it lies: in memory or in one of the tables. */
#ifndef LOGGER_TREE_H
#define LOGGER_TREE_H

#include "skiplist.h"

/* Opens the tables that the manifest names. 0, -EBADMSG: damaged. *ret_lsn: what they cover. */
int tree_open(uint64_t *ret_lsn);

void tree_put(const struct entry *e);
/* Writes what is in memory to a table and drops its part of the log. 0, or -errno: all is as
 * before. */
int tree_flush(void);
/* Likewise, if there is enough of it; and where merging has fallen behind, some of that first. */
void tree_flush_if_full(void);

int64_t tree_moment(void); /* of now, for moment.h: kept until it is closed */

/* 0, -ENOENT or -EBADMSG. Adds the value that key had at seq to *ret_value. */
int tree_get(struct slice key, uint64_t seq, struct bytes *ret_value);

/* Calls fn in the order of keys from `from` to before `to` (data NULL: no end) until it says false.
 */
typedef bool (*tree_fn)(void *owner, struct slice key, struct slice value);
int tree_scan(struct slice from, struct slice to, uint64_t seq, tree_fn fn, void *owner);

#endif

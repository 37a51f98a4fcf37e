/* btree.h - an ordered map in pages: search, insert, delete. (Bayer and McCreight 1972; in the form
 * with all values in the leaves: Comer, The Ubiquitous B-Tree, 1979.) */
#ifndef LOGGER_BTREE_H
#define LOGGER_BTREE_H

#include "pager.h"

enum { BTREE_KEY_MAX = 500 };

/* 0, -ENOENT, -EBADMSG or -errno. Adds the value to *ret_value. */
int btree_get(struct slice key, struct bytes *ret_value);
/* Calls fn in the order of keys from `from` to before `to` (data NULL: no end) until it says false.
 */
typedef bool (*btree_fn)(void *owner, struct slice key, struct slice value);
int btree_scan(struct slice from, struct slice to, btree_fn fn, void *owner);

/* Whether the way to this key can be read: then a change there will not fail. 0 or -errno. */
int btree_check(struct slice key);
/* Changes in memory, to become durable with a checkpoint. 0 or -errno. */
int btree_put(struct slice key, struct slice value);
int btree_delete(struct slice key); /* -ENOENT: it was not there */

#endif

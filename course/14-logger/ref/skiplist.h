/* skiplist.h - an ordered map in memory: entries by key, in the order of bytes, and of one key the
 * newest (highest seq) first. Pugh, Skip Lists: A Probabilistic Alternative to Balanced Trees,
 * 1990. */
#ifndef LOGGER_SKIPLIST_H
#define LOGGER_SKIPLIST_H

#include "bytes.h"

#include <stdbool.h>

struct entry {
    struct slice key, value;
    uint64_t seq;
    bool is_delete;
};

/* The order of everything that is sorted here. */
int entry_compare(const struct entry *a, const struct entry *b);

struct skiplist;
struct skipnode;

struct skiplist *skiplist_new(void);
void skiplist_free(struct skiplist *l); /* NULL is fine */
size_t skiplist_count(const struct skiplist *l);
size_t skiplist_bytes(const struct skiplist *l); /* of keys and values */

/* Copies. An entry with the same key and seq is replaced. */
void skiplist_put(struct skiplist *l, const struct entry *e);
bool skiplist_remove(struct skiplist *l, const struct entry *e); /* false: it was not there */

/* The first entry that is not before (key, seq); NULL: none. */
const struct skipnode *skiplist_seek(const struct skiplist *l, struct slice key, uint64_t seq);
const struct skipnode *skiplist_next(const struct skipnode *n);
const struct entry *skiplist_entry(const struct skipnode *n);

#endif

/* table.h - a sorted table: entries in the order of entry_compare(), written once, never changed.
 *
 *     block ... block | filter | index | foot
 *
 * Each part ends with its checksum. Filter and index stay in memory; a get reads one block at most.
 * What is damaged says -EBADMSG; a damaged filter is only left out. */
#ifndef LOGGER_TABLE_H
#define LOGGER_TABLE_H

#include "skiplist.h"

struct table;

/* Entries come in order; next() gives NULL at the end. 0, or -errno: then there is no such file. */
int table_write(uint64_t number, uint32_t bloom_bits, const struct entry *(*next)(void *owner),
                void *owner);
void table_name(uint64_t number, char name[64]);

/* Never NULL: a table that cannot be read is there, too, and says -EBADMSG to everything. */
struct table *table_open(uint64_t number);
void table_close(struct table *t);
uint64_t table_number(const struct table *t);
uint64_t table_bytes(const struct table *t);  /* of its file */
bool table_is_damaged(const struct table *t); /* as a whole: it knows nothing, not even its keys */
struct slice table_first(const struct table *t); /* its keys; point into t */
struct slice table_last(const struct table *t);

/* The newest entry of key with at most this seq: 0 and *ret_entry, which points into *ret_block
 * (the caller frees its data), -ENOENT or -EBADMSG. */
int table_get(struct table *t, struct slice key, uint64_t seq, struct bytes *ret_block,
              struct entry *ret_entry);

/* A walk through the table. now == NULL: the end, or status says why not. */
struct table_walk {
    struct table *table;
    size_t block;     /* the next to be read */
    struct bytes raw; /* of the block at hand */
    struct slice rest;
    struct entry entry;
    const struct entry *now;
    int status;
};
void table_walk_begin(struct table_walk *walk, struct table *t, struct slice from);
void table_walk_next(struct table_walk *walk);
void table_walk_end(struct table_walk *walk);

#endif

/* merge.h - several sorted sources as one: entries in the order of entry_compare(). */
#ifndef LOGGER_MERGE_H
#define LOGGER_MERGE_H

#include "levels.h"

struct merge {
    const struct skipnode *memory;
    struct run_walk **walks; /* each stays where it is: it points into itself */
    size_t count;
    struct run_walk *taken; /* where the last entry came from; NULL: memory, or nothing yet */
    bool has_taken;
    int status; /* not 0: a block could not be read, and nothing more comes */
};

/* Starts with all zero; then the sources, from this key on. */
void merge_add_memory(struct merge *m, const struct skiplist *memory, struct slice from);
void merge_add_run(struct merge *m, const struct live *tables, size_t count, struct slice from);
void merge_add_levels(struct merge *m, struct slice from); /* every run that is alive */

/* The next entry, good until the next call; NULL: the end, or status. */
const struct entry *merge_next(struct merge *m);
void merge_end(struct merge *m);

#endif

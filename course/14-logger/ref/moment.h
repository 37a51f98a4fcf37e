/* moment.h - moments of the past that somebody still reads, and which entries he needs for it.
 *
 * A moment is the seq of the last change it shows. The present is always one. */
#ifndef LOGGER_MOMENT_H
#define LOGGER_MOMENT_H

#include "skiplist.h"

int64_t moment_open(uint64_t seq);                 /* its name */
bool moment_find(int64_t name, uint64_t *ret_seq); /* false: no such moment */
bool moment_close(int64_t name);                   /* likewise */

/* Decides, entry by entry of a merge, which ones stay. Starts with all zero. */
struct keeper {
    struct bytes key; /* of the entry before */
    uint64_t newer;   /* its seq */
    bool has_key;
};
/* Whether a reader of some moment still needs e. is_bottom: nothing older of these keys lies below
 * what is merged, so a delete may vanish if nobody looks past it. */
bool keeper_keeps(struct keeper *k, const struct entry *e, bool is_bottom);
void keeper_release(struct keeper *k);

#endif

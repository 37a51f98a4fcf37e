/* snapshot.h - the state of a map at one lsn in a file, so that the log before it can go.
 *
 * It is frozen in one moment, written bit by bit beside the old one while the node goes on serving,
 * and takes the old one's place by one rename. */
#ifndef LOGGER_SNAPSHOT_H
#define LOGGER_SNAPSHOT_H

#include "skiplist.h"

/* Loads what there is. 0; -EBADMSG: it is damaged. *ret_lsn: what it covers, 0 if there is none. */
int snapshot_load(struct skiplist *map, uint64_t *ret_lsn);

/* Freezes map as of lsn and begins to write; done is called later, with 0 or -errno. On failure all
 * is as it was. One at a time. */
void snapshot_begin(const struct skiplist *map, uint64_t lsn,
                    void (*done)(int status, uint64_t lsn, uint64_t bytes));

#endif

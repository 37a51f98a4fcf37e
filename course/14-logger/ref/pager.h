/* pager.h - the file of pages: which are free, where the root is, and when changes become durable.
 *
 * Between two checkpoints the file does not change. What has happened since is in the log, and in
 * memory. */
#ifndef LOGGER_PAGER_H
#define LOGGER_PAGER_H

#include "pool.h"

struct pager_head {
    uint32_t root, height;      /* 1: the root is a leaf */
    uint32_t pages, free_first; /* in the file; 0: none is free */
    uint64_t lsn;               /* of the log: everything up to it is in the pages */
};

/* Opens or makes the file. 0, -EBADMSG: its first page is damaged. */
int pager_open(void);
struct pager_head *pager_head(void);

uint32_t pager_take(void);   /* a free page, or one more */
void pager_give(char *page); /* it is free from now on; its pin goes, too */

/* Room for one change of the tree: may checkpoint. */
void pager_reserve(void);
/* Everything in memory becomes durable, as the state at head.lsn. 0, or -errno: nothing is lost,
 * and it can be tried again. */
int pager_checkpoint(void);
/* While the log is being read, checkpoints leave it alone. */
void pager_keep_log(bool keep);
/* A finished file of that name, durable, takes the place of the old one. */
int pager_replace(const char *name);

void pager_head_write(const struct pager_head *head, char *page);

#endif

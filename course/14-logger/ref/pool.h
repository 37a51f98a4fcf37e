/* pool.h - a window of a few frames on the file of pages.
 *
 * A page is used between pool_get() (or pool_new()) and pool_put(); meanwhile it stays where it is.
 * Changed pages are kept until a checkpoint has written them: none leaves the window before. */
#ifndef LOGGER_POOL_H
#define LOGGER_POOL_H

#include "page.h"

enum pool_use {
    POOL_WARM, /* to be kept as long as others are older */
    POOL_COLD, /* a scan passes by: the first to go */
};

void pool_open(int fd, size_t frames); /* 0: nothing is kept that is not in use or changed */
void pool_reset(int fd);               /* another file: everything is forgotten */

char *pool_get(uint32_t id, enum pool_use use, int *ret_status); /* NULL: -EBADMSG or -errno */
char *pool_new(uint32_t id, enum page_kind kind);                /* without a look at the file */
void pool_put(char *page);                                       /* NULL is fine */
void pool_change(char *page);                                    /* it will have to be written */

size_t pool_frames(void);  /* that there may be */
size_t pool_changed(void); /* pages to be written */
/* Calls fn for each changed page. */
int pool_each_changed(int (*fn)(void *owner, char *page), void *owner);
void pool_written(void); /* all of them have been */

#endif

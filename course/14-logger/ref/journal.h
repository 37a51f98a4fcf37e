/* journal.h - images of pages that are about to be written over: whatever happens to the pages
 * meanwhile, they can be written again. */
#ifndef LOGGER_JOURNAL_H
#define LOGGER_JOURNAL_H

#include "page.h"

int journal_open(void);
/* Durable when it returns 0. The journal before is gone. */
int journal_write(const char *images, size_t count);
/* Writes the pages of a whole journal into the file and syncs it; nothing if it is not whole. */
int journal_apply(int fd);
int journal_clear(void); /* durably */

#endif

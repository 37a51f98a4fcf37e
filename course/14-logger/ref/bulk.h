/* bulk.h - a whole tree from sorted pairs, written from front to back into a file of its own. */
#ifndef LOGGER_BULK_H
#define LOGGER_BULK_H

#include "bytes.h"

struct bulk;

struct bulk *bulk_begin(int *ret_status);                           /* NULL: -errno */
int bulk_add(struct bulk *b, struct slice key, struct slice value); /* -EINVAL: out of order */
/* Takes b. The new tree takes the place of the old one, as of lsn. 0, or -errno: the old one is
 * still there. */
int bulk_finish(struct bulk *b, uint64_t lsn);
void bulk_abort(struct bulk *b); /* NULL is fine */

#endif

/* cells.h - the contents of one or two pages laid out anew: splits, merges, and sharing with a
 * neighbour are the same work. */
#ifndef LOGGER_CELLS_H
#define LOGGER_CELLS_H

#include "page.h"

struct cell {
    size_t at; /* the place where it comes in */
    struct slice key, value;
};

/* The shortest text that is after `before` and not after `first`; points into first. */
struct slice cells_between(struct slice before, struct slice first);

/* What is in left, and the cell for which there was no room in it, over left and right (empty). The
 * separator belongs into the parent, in front of right; release it with cells_free(). */
void cells_split(char *left, char *right, const struct cell *extra, struct bytes *ret_separator);
void cells_free(struct bytes *separator);

/* Two neighbours, with the parent's separator between them (its cell `at`): as one page, left, if
 * all of it fits, else evenly over both, with another separator. */
enum cells_join { CELLS_AS_BEFORE, CELLS_SHARED, CELLS_MERGED };
enum cells_join cells_join(char *left, char *right, char *parent, size_t at);

#endif

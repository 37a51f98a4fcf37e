/* lines.h - messages that end in a newline. */
#ifndef NETWORKER_LINES_H
#define NETWORKER_LINES_H

#include <stddef.h>

struct conn;

enum { LINE_MAX_LEN = 64 << 10 };

/* The first whole line of in without its newline, which becomes a 0 byte; NULL if there is none.
 * Take len + 1 bytes when done with it. A connection whose line has no end is finished. */
char *line_first(struct conn *c, size_t *ret_len);

#endif

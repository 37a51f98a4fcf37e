/* inbox.h - bytes on their way into one node's stdin.
 *
 * A queue of bytes in one piece of memory, so that many small messages leave in one write(2).
 * Never blocks: what the pipe does not take stays here. */
#ifndef CAGE_INBOX_H
#define CAGE_INBOX_H

#include "../base/str.h"

struct inbox {
    char *data;
    size_t head; /* the first byte still waiting */
    size_t tail; /* one past the last */
    size_t cap;
};

enum inbox_state {
    INBOX_EMPTY, /* everything left */
    INBOX_FULL,  /* the pipe is full; come back when it can be written to */
    INBOX_SHUT,  /* nobody reads the other end any more; what waited was thrown away */
};

void inbox_release(struct inbox *in);
void inbox_reset(struct inbox *in);
size_t inbox_len(const struct inbox *in);
void inbox_add(struct inbox *in, struct str bytes);     /* the caller has checked its cap */
enum inbox_state inbox_write(struct inbox *in, int fd); /* fd does not block */

#endif

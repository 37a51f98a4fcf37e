/* buffer.h - bytes on their way: put in at the end, taken from the front.
 *
 * All zero is an empty buffer. Memory grows with what is inside, and goes when it is empty again,
 * so a thousand idle connections cost nothing. */
#ifndef NETWORKER_BUFFER_H
#define NETWORKER_BUFFER_H

#include <stddef.h>

struct buffer {
    char *memory;
    size_t start, len, cap; /* len bytes from memory + start */
};

char *buffer_bytes(const struct buffer *b); /* the len bytes inside; gone at the next change */
void buffer_put(struct buffer *b, const void *bytes, size_t len);
void buffer_put_text(struct buffer *b, const char *text);

/* Room for so many bytes behind the last; those that are written there are then added. */
char *buffer_room(struct buffer *b, size_t len);
void buffer_add(struct buffer *b, size_t len);

void buffer_take(struct buffer *b, size_t len); /* forgets the first len */
void buffer_release(struct buffer *b);

#endif

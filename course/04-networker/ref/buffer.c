/* buffer.c - one block of memory with a gap at the front.
 *
 * Taking moves only `start`. The rest is moved to the front when room is needed and at least half
 * of the block is gap, so each byte is moved at most once for each byte that was taken. */
#include "buffer.h"

#include "node.h"

#include <stdlib.h>
#include <string.h>

enum { CAP_MIN = 512 };

char *buffer_bytes(const struct buffer *b)
{
    return b->memory == NULL ? NULL : b->memory + b->start;
}

char *buffer_room(struct buffer *b, size_t len)
{
    if (b->start + b->len + len > b->cap && b->start >= b->len + len) {
        memcpy(b->memory, b->memory + b->start, b->len);
        b->start = 0;
    }
    if (b->start + b->len + len > b->cap) {
        b->cap = 2 * (b->start + b->len + len) + CAP_MIN;
        b->memory = realloc(b->memory, b->cap);
        if (b->memory == NULL) {
            node_log("out of memory");
            exit(1);
        }
    }
    return b->memory + b->start + b->len;
}

void buffer_add(struct buffer *b, size_t len)
{
    b->len += len;
}

void buffer_put(struct buffer *b, const void *bytes, size_t len)
{
    if (len == 0)
        return;
    memcpy(buffer_room(b, len), bytes, len);
    b->len += len;
}

void buffer_put_text(struct buffer *b, const char *text)
{
    buffer_put(b, text, strlen(text));
}

void buffer_take(struct buffer *b, size_t len)
{
    b->start += len;
    b->len -= len;
    if (b->len == 0)
        buffer_release(b);
}

void buffer_release(struct buffer *b)
{
    free(b->memory);
    *b = (struct buffer){0};
}

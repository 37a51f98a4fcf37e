/* The bytes wait in data[head .. tail). Adding copies them once, which costs less than a chain of
 * pieces and writev(2) for messages of some hundred bytes. Room in front of head is used again
 * only when it is at least half of the memory, so that every byte is moved at most once more. */
#include "inbox.h"

#include "../base/mem.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { KEEP_MAX = 1 << 20 }; /* an empty inbox keeps no more memory than this */

void inbox_release(struct inbox *in)
{
    mem_free(in->data);
    *in = (struct inbox){0};
}

void inbox_reset(struct inbox *in)
{
    if (in->cap > KEEP_MAX)
        inbox_release(in);
    in->head = in->tail = 0;
}

size_t inbox_len(const struct inbox *in)
{
    return in->tail - in->head;
}

void inbox_add(struct inbox *in, struct str bytes)
{
    if (bytes.len == 0)
        return;
    if (in->tail + bytes.len > in->cap && in->head > 0 && in->head >= in->cap / 2) {
        memmove(in->data, in->data + in->head, inbox_len(in));
        in->tail -= in->head;
        in->head = 0;
    }
    in->data = mem_grow(in->data, &in->cap, in->tail + bytes.len, 1);
    memcpy(in->data + in->tail, bytes.data, bytes.len);
    in->tail += bytes.len;
}

enum inbox_state inbox_write(struct inbox *in, int fd)
{
    while (in->head < in->tail) {
        ssize_t n = write(fd, in->data + in->head, in->tail - in->head);

        if (n >= 0)
            in->head += (size_t)n;
        else if (errno == EAGAIN)
            return INBOX_FULL;
        else if (errno != EINTR) { /* EPIPE, in practice */
            inbox_reset(in);
            return INBOX_SHUT;
        }
    }
    inbox_reset(in);
    return INBOX_EMPTY;
}

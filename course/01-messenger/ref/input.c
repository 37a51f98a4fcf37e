/* input.c - one buffer: [ used lines | lines not yet asked for | the beginning of a line | free ]
 *                       0            start                     scanned               end      cap
 *
 * Nothing is scanned twice: `scanned` remembers how far no newline was found, or a line of a
 * megabyte that arrives in pieces of 4 KiB would be searched 256 times. */
#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_SIZE = 64 << 10 };

static char *buffer;
static size_t start, scanned, end, cap;

static void make_room(void)
{
    if (start > 0) {
        memmove(buffer, buffer + start, end - start);
        end -= start;
        scanned -= start;
        start = 0;
    }
    if (cap - end < READ_SIZE) {
        cap = 2 * cap + READ_SIZE;
        buffer = realloc(buffer, cap);
        if (buffer == NULL)
            abort();
    }
}

bool input_read(int fd)
{
    ssize_t n;

    if (cap - end < READ_SIZE)
        make_room();
    do {
        n = read(fd, buffer + end, cap - end);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return false;
    end += (size_t)n;
    return true;
}

char *input_line(size_t *ret_len)
{
    char *newline = end > scanned ? memchr(buffer + scanned, '\n', end - scanned) : NULL;
    char *line = buffer + start;

    if (newline == NULL) {
        scanned = end;
        return NULL;
    }
    *ret_len = (size_t)(newline - line);
    start = scanned = (size_t)(newline + 1 - buffer);
    return line;
}

#include "lines.h"

#include "conn.h"

#include <string.h>

char *line_first(struct conn *c, size_t *ret_len)
{
    char *line = buffer_bytes(&c->in);
    char *end = c->in.len == 0 ? NULL : memchr(line, '\n', c->in.len);

    if (end == NULL) {
        if (c->in.len > LINE_MAX_LEN)
            conn_finish(c);
        return NULL;
    }
    *end = '\0';
    *ret_len = (size_t)(end - line);
    return line;
}

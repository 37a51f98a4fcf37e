/* headers.h - names and values of HTTP headers, in order. All zero is an empty list. */
#ifndef NETWORKER_HEADERS_H
#define NETWORKER_HEADERS_H

#include "table.h"

#include <stdbool.h>

struct header {
    struct bytes name, value; /* both in one block of memory, at name.at */
};

struct headers {
    struct header *list;
    size_t count, cap;
    size_t size; /* as HPACK counts: 32 bytes more for each (RFC 7541 4.1) */
};

enum { HEADER_OVERHEAD = 32 };

void headers_add(struct headers *h, struct bytes name, struct bytes value); /* copies both */
void headers_add_text(struct headers *h, const char *name, const char *value);
void headers_add_first(struct headers *h, struct bytes name, struct bytes value);
void headers_drop_last(struct headers *h);
void headers_release(struct headers *h);

/* The value of the first with this name; NULL if there is none. */
const struct bytes *headers_get(const struct headers *h, const char *name);

struct bytes bytes_of(const char *text);
bool bytes_are(struct bytes b, const char *text);
bool bytes_equal(struct bytes a, struct bytes b);

#endif

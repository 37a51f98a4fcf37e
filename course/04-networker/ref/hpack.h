/* hpack.h - header compression of HTTP/2 (RFC 7541).
 *
 * Both sides keep a table of headers that were sent, in the same state at all times: so every block
 * must be decoded, in order, whatever becomes of its stream. */
#ifndef NETWORKER_HPACK_H
#define NETWORKER_HPACK_H

#include "headers.h"

#include <stdbool.h>
#include <stddef.h>

struct buffer;

enum { HPACK_TABLE_MAX = 4096 };

struct hpack {
    struct headers table; /* the dynamic one, newest first */
    size_t table_max;     /* as agreed */
    size_t told_min;      /* encoder: the smallest table_max since the last block; */
    bool must_tell;       /* it has changed since then */
};

void hpack_init(struct hpack *p);
void hpack_release(struct hpack *p);

/* Adds the headers of a block. False: it cannot be understood, and no later one either. */
bool hpack_decode(struct hpack *p, const unsigned char *block, size_t len, struct headers *out);

void hpack_encode(struct hpack *p, const struct headers *h, struct buffer *block);

/* The peer's decoder has so much room for its table. */
void hpack_resize(struct hpack *p, size_t table_max);

#endif

/* pb.c - fields of Protocol Buffers, read one after the other.
 *
 * Every length is compared with what is left before it is used, and `left` is a difference of two
 * pointers of which the second is never before the first. A varint has at most ten bytes; what the
 * tenth says above the 64th bit is dropped, as other readers do. */
#include "pb.h"

#include "buffer.h"

#include <stddef.h>

enum { VARINT_MAX = 10 };

struct pb_reader pb_read(struct bytes message)
{
    const unsigned char *at = (const unsigned char *)message.at;

    return (struct pb_reader){.at = at, .end = message.len == 0 ? at : at + message.len};
}

static bool broken(struct pb_reader *r)
{
    r->broken = true;
    r->at = r->end;
    return false;
}

static bool varint(struct pb_reader *r, uint64_t *ret_n)
{
    uint64_t n = 0;

    for (int i = 0; i < VARINT_MAX && r->at < r->end; i++) {
        unsigned char b = *r->at++;

        n |= (uint64_t)(b & 0x7f) << 7 * i;
        if (b < 0x80) {
            *ret_n = n;
            return true;
        }
    }
    return broken(r);
}

bool pb_next_varint(struct pb_reader *r, uint64_t *ret_n)
{
    return r->at < r->end && varint(r, ret_n);
}

static bool skip(struct pb_reader *r, uint64_t len, struct bytes *ret_bytes)
{
    if (len > (uint64_t)(r->end - r->at))
        return broken(r);
    *ret_bytes = (struct bytes){(const char *)r->at, (size_t)len};
    r->at += len;
    return true;
}

static bool value(struct pb_reader *r, struct pb_field *f)
{
    uint64_t len;

    switch (f->type) {
    case PB_VARINT:
        return varint(r, &f->varint);
    case PB_EIGHT:
        return skip(r, 8, &f->bytes);
    case PB_BYTES:
        return varint(r, &len) && skip(r, len, &f->bytes);
    case PB_FOUR:
        return skip(r, 4, &f->bytes);
    default:
        return broken(r);
    }
}

bool pb_next(struct pb_reader *r, struct pb_field *ret_field)
{
    const unsigned char *start = r->at;
    uint64_t key;

    if (r->at == r->end || !varint(r, &key))
        return false;
    if (key > UINT32_MAX || key >> 3 == 0)
        return broken(r);
    *ret_field = (struct pb_field){.number = (uint32_t)(key >> 3), .type = (enum pb_type)(key & 7)};
    if (!value(r, ret_field))
        return false;
    ret_field->whole = (struct bytes){(const char *)start, (size_t)(r->at - start)};
    return true;
}

/* 0, -1, 1, -2, ... are 0, 1, 2, 3, ...: small numbers of either sign stay short. */
int64_t pb_unzigzag(uint64_t n)
{
    return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

uint64_t pb_zigzag(int64_t n)
{
    return (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
}

void pb_put_varint(struct buffer *out, uint64_t n)
{
    unsigned char bytes[VARINT_MAX];
    size_t len = 0;

    while (n >= 0x80) {
        bytes[len++] = (unsigned char)(n | 0x80);
        n >>= 7;
    }
    bytes[len++] = (unsigned char)n;
    buffer_put(out, bytes, len);
}

void pb_put_number(struct buffer *out, uint32_t number, uint64_t n)
{
    if (n == 0)
        return;
    pb_put_varint(out, number << 3 | PB_VARINT);
    pb_put_varint(out, n);
}

void pb_put_bytes(struct buffer *out, uint32_t number, struct bytes bytes)
{
    pb_put_varint(out, number << 3 | PB_BYTES);
    pb_put_varint(out, bytes.len);
    buffer_put(out, bytes.at, bytes.len);
}

void pb_put_bytes_if_any(struct buffer *out, uint32_t number, struct bytes bytes)
{
    if (bytes.len > 0)
        pb_put_bytes(out, number, bytes);
}

/* pack.c - MessagePack from its first byte on.
 *
 *     00-7f integer   80-8f map   90-9f array   a0-bf string   c0 nil   c2 c3 false true
 *     c4-c6 bytes   cb float64   cc-cf unsigned   d0-d3 signed   d9-db string   dc dd array
 *     de df map   e0-ff negative integer
 *
 * The value is never built: it is read and written in one walk. So a list that announces four
 * billion elements costs nothing until they come, each of at least one byte; and what is written is
 * never longer than what was read. Each level of nesting is a call of value(), and they are
 * counted, since the peer decides how deep it goes. */
#include "pack.h"

#include "buffer.h"
#include "conn.h"
#include "frames.h"
#include "protos.h"

#include <stdint.h>

struct reader {
    const unsigned char *at, *end;
    struct buffer *out;
};

static bool value(struct reader *r, int depth);

/* size bytes, big-endian */
static bool read_number(struct reader *r, int size, uint64_t *ret_n)
{
    if (r->end - r->at < size)
        return false;
    *ret_n = 0;
    for (int i = 0; i < size; i++)
        *ret_n = *ret_n << 8 | *r->at++;
    return true;
}

static void put_number(struct reader *r, unsigned char mark, uint64_t n, int size)
{
    unsigned char bytes[9] = {mark};

    for (int i = 0; i < size; i++)
        bytes[1 + i] = (unsigned char)(n >> 8 * (size - 1 - i));
    buffer_put(r->out, bytes, 1 + (size_t)size);
}

static void put_unsigned(struct reader *r, uint64_t n)
{
    if (n < 0x80)
        put_number(r, (unsigned char)n, 0, 0);
    else if (n <= UINT8_MAX)
        put_number(r, 0xcc, n, 1);
    else if (n <= UINT16_MAX)
        put_number(r, 0xcd, n, 2);
    else if (n <= UINT32_MAX)
        put_number(r, 0xce, n, 4);
    else
        put_number(r, 0xcf, n, 8);
}

static void put_signed(struct reader *r, int64_t n)
{
    if (n >= 0)
        put_unsigned(r, (uint64_t)n);
    else if (n >= -32)
        put_number(r, (unsigned char)n, 0, 0);
    else if (n >= INT8_MIN)
        put_number(r, 0xd0, (uint64_t)n, 1);
    else if (n >= INT16_MIN)
        put_number(r, 0xd1, (uint64_t)n, 2);
    else if (n >= INT32_MIN)
        put_number(r, 0xd2, (uint64_t)n, 4);
    else
        put_number(r, 0xd3, (uint64_t)n, 8);
}

/* A length in its shortest form: up to fix_max inside of the mark; with mark8 (0: there is none) in
 * one byte; with mark16 in two; with the mark after that in four. */
static void put_length(struct reader *r, uint64_t n, unsigned char fix, uint64_t fix_max,
                       unsigned char mark8, unsigned char mark16)
{
    if (n <= fix_max && fix != 0)
        put_number(r, (unsigned char)(fix | n), 0, 0);
    else if (n <= UINT8_MAX && mark8 != 0)
        put_number(r, mark8, n, 1);
    else if (n <= UINT16_MAX)
        put_number(r, mark16, n, 2);
    else
        put_number(r, mark16 + 1, n, 4);
}

static bool copy(struct reader *r, uint64_t len)
{
    if ((uint64_t)(r->end - r->at) < len)
        return false;
    buffer_put(r->out, r->at, (size_t)len);
    r->at += len;
    return true;
}

static bool string(struct reader *r, uint64_t len)
{
    put_length(r, len, 0xa0, 31, 0xd9, 0xda);
    return copy(r, len);
}

static bool binary(struct reader *r, uint64_t len)
{
    put_length(r, len, 0, 0, 0xc4, 0xc5);
    return copy(r, len);
}

static bool values(struct reader *r, uint64_t count, int depth)
{
    if (depth == PACK_DEPTH_MAX)
        return false;
    for (uint64_t i = 0; i < count; i++) {
        if (!value(r, depth + 1))
            return false;
    }
    return true;
}

static bool array(struct reader *r, uint64_t count, int depth)
{
    put_length(r, count, 0x90, 15, 0, 0xdc);
    return values(r, count, depth);
}

static bool map(struct reader *r, uint64_t count, int depth)
{
    put_length(r, count, 0x80, 15, 0, 0xde);
    return values(r, 2 * count, depth);
}

static bool signed_number(struct reader *r, int size, uint64_t n)
{
    int shift = 64 - 8 * size;

    put_signed(r, (int64_t)(n << shift) >> shift);
    return true;
}

/* The marks c0 to df. */
static bool marked(struct reader *r, unsigned char mark, int depth)
{
    static const unsigned char sizes[32] = {
        [0x04] = 1, [0x05] = 2, [0x06] = 4, [0x0b] = 8, [0x0c] = 1, [0x0d] = 2, [0x0e] = 4,
        [0x0f] = 8, [0x10] = 1, [0x11] = 2, [0x12] = 4, [0x13] = 8, [0x19] = 1, [0x1a] = 2,
        [0x1b] = 4, [0x1c] = 2, [0x1d] = 4, [0x1e] = 2, [0x1f] = 4};
    int size = sizes[mark & 0x1f];
    uint64_t n;

    if (!read_number(r, size, &n))
        return false;
    switch (mark) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
        put_number(r, mark, 0, 0);
        return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
        return binary(r, n);
    case 0xcb:
        put_number(r, mark, n, 8);
        return true;
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        put_unsigned(r, n);
        return true;
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return signed_number(r, size, n);
    case 0xd9:
    case 0xda:
    case 0xdb:
        return string(r, n);
    case 0xdc:
    case 0xdd:
        return array(r, n, depth);
    case 0xde:
    case 0xdf:
        return map(r, n, depth);
    default:
        return false; /* never used (c1), extensions, float32: not ours */
    }
}

static bool value(struct reader *r, int depth)
{
    unsigned char mark;

    if (r->at == r->end)
        return false;
    mark = *r->at++;
    if (mark < 0x80)
        put_unsigned(r, mark);
    else if (mark < 0x90)
        return map(r, mark & 0x0f, depth);
    else if (mark < 0xa0)
        return array(r, mark & 0x0f, depth);
    else if (mark < 0xc0)
        return string(r, mark & 0x1f);
    else if (mark < 0xe0)
        return marked(r, mark, depth);
    else
        put_signed(r, (int8_t)mark);
    return true;
}

bool pack_shorten(const unsigned char *bytes, size_t len, struct buffer *out)
{
    struct reader r = {bytes, bytes + len, out};

    return value(&r, 0) && r.at == r.end;
}

static bool step(struct conn *c)
{
    static const char bad[] = {(char)0xa3, 'b', 'a', 'd'};
    struct buffer shortest = {0};
    const unsigned char *payload;
    size_t len;

    if (!frame_first(c, &payload, &len))
        return false;
    if (pack_shorten(payload, len, &shortest))
        frame_put(c, buffer_bytes(&shortest), shortest.len);
    else
        frame_put(c, bad, sizeof(bad));
    buffer_release(&shortest);
    buffer_take(&c->in, FRAME_HEADER + len);
    return true;
}

const struct proto pack_proto = {.name = "pack", .step = step};

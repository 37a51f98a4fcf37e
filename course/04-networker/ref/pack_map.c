/* pack_map.c - looking into MessagePack.
 *
 * pack_shorten() has walked over the bytes before, so here all lengths are known to be right, the
 * nesting to be bounded, and each value has one spelling. That leaves little to do: a value is its
 * mark and what follows, and whoever looks for a name goes over the pairs. */
#include "pack_map.h"

#include "pack.h"

#include <string.h>

static uint64_t number(const unsigned char *at, int size)
{
    uint64_t n = 0;

    for (int i = 0; i < size; i++)
        n = n << 8 | at[i];
    return n;
}

/* Takes one value from the front of *from. */
static struct pack_value next(struct bytes *from);

/* A list or a map: what is inside ends where so many values end. */
static struct pack_value nested(struct bytes *from, enum pack_kind kind, uint64_t count)
{
    struct pack_value v = {.kind = kind, .count = count, .text = {.at = from->at}};

    for (uint64_t i = 0; i < (kind == PACK_MAP ? 2 * count : count); i++)
        next(from);
    v.text.len = (size_t)(from->at - v.text.at);
    return v;
}

static void skip(struct bytes *from, size_t len)
{
    from->at += len;
    from->len -= len;
}

static struct pack_value leaf(struct bytes *from, enum pack_kind kind, uint64_t len)
{
    struct pack_value v = {.kind = kind, .text = {from->at, (size_t)len}};

    skip(from, (size_t)len);
    return v;
}

/* The marks c0 to df, of which only those are left that a shortest form has. */
static struct pack_value marked(struct bytes *from, unsigned char mark)
{
    static const signed char sizes[32] = {
        [0x04] = 1, [0x05] = 2, [0x06] = 4, [0x0b] = 8, [0x0c] = 1, [0x0d] = 2, [0x0e] = 4,
        [0x0f] = 8, [0x10] = 1, [0x11] = 2, [0x12] = 4, [0x13] = 8, [0x19] = 1, [0x1a] = 2,
        [0x1b] = 4, [0x1c] = 2, [0x1d] = 4, [0x1e] = 2, [0x1f] = 4,
    };
    int size = sizes[mark - 0xc0];
    uint64_t n = number((const unsigned char *)from->at, size);

    skip(from, (size_t)size);
    if (mark == 0xc0)
        return (struct pack_value){.kind = PACK_NIL};
    if (mark >= 0xc4 && mark <= 0xc6)
        return leaf(from, PACK_OTHER, n);
    if (mark >= 0xcc && mark <= 0xd3)
        return (struct pack_value){.kind = PACK_INT,
                                   .number = mark < 0xd0 ? (int64_t)n
                                                         : (int64_t)(n << (64 - 8 * size)) >>
                                                               (64 - 8 * size)};
    if (mark >= 0xd9 && mark <= 0xdb)
        return leaf(from, PACK_TEXT, n);
    if (mark >= 0xdc)
        return nested(from, mark < 0xde ? PACK_LIST : PACK_MAP, n);
    return (struct pack_value){.kind = PACK_OTHER}; /* true, false, a float */
}

static struct pack_value next(struct bytes *from)
{
    unsigned char mark = (unsigned char)*from->at;

    skip(from, 1);
    if (mark < 0x80)
        return (struct pack_value){.kind = PACK_INT, .number = mark};
    if (mark < 0x90)
        return nested(from, PACK_MAP, mark & 0x0f);
    if (mark < 0xa0)
        return nested(from, PACK_LIST, mark & 0x0f);
    if (mark < 0xc0)
        return leaf(from, PACK_TEXT, mark & 0x1f);
    if (mark < 0xe0)
        return marked(from, mark);
    return (struct pack_value){.kind = PACK_INT, .number = (signed char)mark};
}

struct pack_value pack_open(const unsigned char *bytes, size_t len, struct buffer *memory)
{
    struct bytes all;

    if (!pack_shorten(bytes, len, memory))
        return (struct pack_value){.kind = PACK_NONE};
    all = (struct bytes){buffer_bytes(memory), memory->len};
    return next(&all);
}

struct pack_value pack_get(struct pack_value map, const char *key)
{
    if (map.kind != PACK_MAP)
        return (struct pack_value){.kind = PACK_NONE};
    for (uint64_t i = 0; i < map.count; i++) {
        struct pack_value name = next(&map.text), value = next(&map.text);

        if (pack_is_text(name, key))
            return value;
    }
    return (struct pack_value){.kind = PACK_NONE};
}

struct pack_value pack_take(struct pack_value *list)
{
    if (list->kind != PACK_LIST || list->count == 0)
        return (struct pack_value){.kind = PACK_NONE};
    list->count--;
    return next(&list->text);
}

bool pack_is_text(struct pack_value v, const char *text)
{
    return v.kind == PACK_TEXT && v.text.len == strlen(text) &&
           memcmp(v.text.at, text, v.text.len) == 0;
}

static void put_byte(struct buffer *out, int byte)
{
    unsigned char b = (unsigned char)byte;

    buffer_put(out, &b, 1);
}

void pack_put_map(struct buffer *out, int count)
{
    put_byte(out, 0x80 | count);
}

void pack_put_list(struct buffer *out, int count)
{
    put_byte(out, 0x90 | count);
}

void pack_put_text(struct buffer *out, struct bytes text)
{
    int size = text.len <= 31 ? 0 : text.len <= 0xff ? 1 : text.len <= 0xffff ? 2 : 4;

    put_byte(out, size == 0 ? 0xa0 | (int)text.len : size == 4 ? 0xdb : 0xd8 + size);
    for (int i = size - 1; i >= 0; i--)
        put_byte(out, (int)(text.len >> 8 * i & 0xff));
    buffer_put(out, text.at, text.len);
}

void pack_put_name(struct buffer *out, const char *name)
{
    pack_put_text(out, (struct bytes){name, strlen(name)});
}

void pack_put_small(struct buffer *out, int number)
{
    put_byte(out, number);
}

void pack_put_true(struct buffer *out)
{
    put_byte(out, 0xc3);
}

#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void put_u32(char *to, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        to[i] = (char)(v >> (8 * i));
}

void put_u64(char *to, uint64_t v)
{
    for (int i = 0; i < 8; i++)
        to[i] = (char)(v >> (8 * i));
}

uint32_t get_u32(const char *from)
{
    uint32_t v = 0;

    for (int i = 3; i >= 0; i--)
        v = v << 8 | (unsigned char)from[i];
    return v;
}

uint64_t get_u64(const char *from)
{
    return (uint64_t)get_u32(from + 4) << 32 | get_u32(from);
}

void *must_alloc(void *old, size_t size)
{
    void *p = realloc(old, size == 0 ? 1 : size);

    if (p == NULL)
        abort();
    return p;
}

void bytes_add(struct bytes *b, const void *data, size_t len)
{
    if (b->len + len > b->cap) {
        b->cap = 2 * (b->len + len) + 64;
        b->data = must_alloc(b->data, b->cap);
    }
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
}

void bytes_add_u32(struct bytes *b, uint32_t v)
{
    char raw[4];

    put_u32(raw, v);
    bytes_add(b, raw, sizeof(raw));
}

void bytes_add_u64(struct bytes *b, uint64_t v)
{
    char raw[8];

    put_u64(raw, v);
    bytes_add(b, raw, sizeof(raw));
}

int slice_compare(struct slice a, struct slice b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len == 0 ? 0 : memcmp(a.data, b.data, len);

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

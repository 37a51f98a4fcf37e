#include "page.h"

#include "crc32c.h"

#include <string.h>

enum { AT_ID = 4, AT_LINK = 8, AT_COUNT = 12, AT_LOW = 14, AT_KIND = 16, SLOT = 2, CELL_HEAD = 4 };

static void put_u16(char *to, size_t v)
{
    to[0] = (char)v;
    to[1] = (char)(v >> 8);
}

static size_t get_u16(const char *from)
{
    return (size_t)(unsigned char)from[0] | (size_t)(unsigned char)from[1] << 8;
}

void page_init(char *p, uint32_t id, enum page_kind kind)
{
    memset(p, 0, PAGE_BYTES);
    put_u32(p + AT_ID, id);
    put_u16(p + AT_LOW, PAGE_BYTES);
    p[AT_KIND] = (char)kind;
}

void page_seal(char *p)
{
    put_u32(p, crc32c(p + 4, PAGE_BYTES - 4));
}

bool page_is_sound(const char *p, uint32_t id)
{
    return get_u32(p) == crc32c(p + 4, PAGE_BYTES - 4) && get_u32(p + AT_ID) == id;
}

uint32_t page_id(const char *p)
{
    return get_u32(p + AT_ID);
}

void page_set_id(char *p, uint32_t id)
{
    put_u32(p + AT_ID, id);
}

enum page_kind page_kind(const char *p)
{
    return (enum page_kind)p[AT_KIND];
}

size_t page_count(const char *p)
{
    return get_u16(p + AT_COUNT);
}

uint32_t page_link(const char *p)
{
    return get_u32(p + AT_LINK);
}

void page_set_link(char *p, uint32_t id)
{
    put_u32(p + AT_LINK, id);
}

size_t page_used(const char *p)
{
    return PAGE_BYTES - get_u16(p + AT_LOW) + SLOT * page_count(p);
}

static const char *cell(const char *p, size_t i)
{
    return p + get_u16(p + PAGE_HEAD + SLOT * i);
}

struct slice page_key(const char *p, size_t i)
{
    return (struct slice){cell(p, i) + CELL_HEAD, get_u16(cell(p, i))};
}

struct slice page_value(const char *p, size_t i)
{
    const char *c = cell(p, i);

    return (struct slice){c + CELL_HEAD + get_u16(c), get_u16(c + 2)};
}

uint32_t page_child(const char *p, size_t i)
{
    return i == 0 ? page_link(p) : get_u32(page_value(p, i - 1).data);
}

size_t page_find(const char *p, struct slice key, bool *ret_is_equal)
{
    size_t low = 0, high = page_count(p);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_compare(page_key(p, middle), key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_is_equal = low < page_count(p) && slice_compare(page_key(p, low), key) == 0;
    return low;
}

size_t page_child_for(const char *p, struct slice key)
{
    bool is_equal;
    size_t i = page_find(p, key, &is_equal);

    return is_equal ? i + 1 : i; /* an equal key is to the right of its separator */
}

size_t page_cell_bytes(struct slice key, struct slice value)
{
    return SLOT + CELL_HEAD + key.len + value.len;
}

bool page_insert(char *p, size_t i, struct slice key, struct slice value)
{
    size_t count = page_count(p), low = get_u16(p + AT_LOW);
    char *slot = p + PAGE_HEAD + SLOT * i;

    if (page_used(p) + page_cell_bytes(key, value) > PAGE_ROOM)
        return false;
    low -= CELL_HEAD + key.len + value.len;
    put_u16(p + low, key.len);
    put_u16(p + low + 2, value.len);
    if (key.len > 0)
        memcpy(p + low + CELL_HEAD, key.data, key.len);
    if (value.len > 0)
        memcpy(p + low + CELL_HEAD + key.len, value.data, value.len);
    memmove(slot + SLOT, slot, SLOT * (count - i));
    put_u16(slot, low);
    put_u16(p + AT_COUNT, count + 1);
    put_u16(p + AT_LOW, low);
    return true;
}

/* The cells below the one that goes move up, so free space is always in one piece. */
void page_remove(char *p, size_t i)
{
    size_t count = page_count(p), low = get_u16(p + AT_LOW);
    size_t at = get_u16(p + PAGE_HEAD + SLOT * i);
    size_t len = CELL_HEAD + get_u16(p + at) + get_u16(p + at + 2);
    char *slot = p + PAGE_HEAD + SLOT * i;

    memmove(p + low + len, p + low, at - low);
    memmove(slot, slot + SLOT, SLOT * (count - i - 1));
    for (size_t k = 0; k + 1 < count; k++) {
        char *other = p + PAGE_HEAD + SLOT * k;

        if (get_u16(other) < at)
            put_u16(other, get_u16(other) + len);
    }
    put_u16(p + AT_COUNT, count - 1);
    put_u16(p + AT_LOW, low + len);
}

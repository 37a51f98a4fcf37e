/* The load: ten thousand reads of ten thousand integers each, half a gigabyte of text, is to take
 * less than a second. Hashing costs some 20 ns an element, so integers whose text is at most eight
 * digits, and not far above the number of elements, are looked up in a plain array: the text is
 * then walked once, digit by digit. Comparing with the node's previous read was dropped: it wins
 * for nodes that append, but many keep a hash table and answer in a new order each time. */
#include "set_elements.h"

#include "plant.h"

#include "../base/map.h"
#include "../base/mem.h"

#include <string.h>

enum {
    DIGITS_MAX = 8,
    TABLE_SPARE = 65536, /* how far beyond four times the elements the array may reach */
};

struct set_elements {
    struct map *map;
    uint32_t entered; /* elements that clients added */
    bool is_sealed;   /* the array is built */
    uint32_t *table;  /* integer to number + 1, 0: not there */
    size_t table_len;
    uint32_t *numbers; /* of the last read */
    size_t numbers_cap;
};

struct set_elements *set_elements_new(void)
{
    struct set_elements *e = mem_zalloc(sizeof(*e));

    e->map = map_new();
    return e;
}

void set_elements_free(struct set_elements *e)
{
    if (e == NULL)
        return;
    map_free(e->map);
    mem_free(e->table);
    mem_free(e->numbers);
    mem_free(e);
}

uint32_t set_elements_len(const struct set_elements *e)
{
    return map_len(e->map);
}

struct str set_elements_text(const struct set_elements *e, uint32_t number)
{
    return map_text(e->map, number);
}

uint32_t set_elements_enter(struct set_elements *e, struct str json_text, bool *ret_new)
{
    uint32_t number = map_put(e->map, json_text, ret_new);

    e->entered = map_len(e->map);
    return number;
}

/* The value of a text of digits that ends at *at (which moves), or -1 if it is none that the array
 * can hold. Canonical JSON has no leading zeros, so equal integers are equal texts. */
static int64_t small_integer(const char **at, const char *end)
{
    const char *p = *at;
    const char *limit = end - p > DIGITS_MAX ? p + DIGITS_MAX : end;
    int64_t value = 0;

    while (p < limit && (unsigned char)(*p - '0') <= 9)
        value = value * 10 + (*p++ - '0');
    if (p == *at || (p < end && *p != ',' && *p != ']'))
        return -1;
    *at = p;
    return value;
}

/* Builds the array from the elements that are integers. */
static void seal(struct set_elements *e)
{
    size_t reach = 4 * (size_t)e->entered + TABLE_SPARE;
    uint32_t number;

    e->is_sealed = true;
    e->table_len = reach;
    e->table = mem_zalloc(reach * sizeof(*e->table));
    for (number = 0; number < e->entered; number++) {
        struct str text = map_text(e->map, number);
        const char *at = text.data;
        int64_t value = small_integer(&at, text.data + text.len);
        if (value >= 0 && (size_t)value < reach && at == text.data + text.len)
            e->table[value] = number + 1;
    }
}

/* The end of the JSON value at p: where its "," or "]" stands, or end. */
static const char *value_end(const char *p, const char *end)
{
    int depth = 0;

    for (; p < end; p++) {
        if (*p == '"') {
            for (p++; p < end && *p != '"'; p++)
                p += *p == '\\';
            if (p >= end)
                return end;
        } else if (depth == 0 && (*p == ',' || *p == ']')) {
            return p;
        } else if (*p == '[' || *p == '{') {
            depth++;
        } else if (*p == ']' || *p == '}') {
            depth--;
        }
    }
    return end;
}

static uint32_t number_by_text(struct set_elements *e, struct str text)
{
    int64_t number = map_find(e->map, text);

    if (number != MAP_NONE)
        return (uint32_t)number;
    if (map_len(e->map) - e->entered >= SET_STRANGERS_MAX || PLANTED(5))
        return SET_ELEMENT_FORGOTTEN;
    return map_put(e->map, text, NULL);
}

static uint32_t next_number(struct set_elements *e, const char **at, const char *end)
{
    const char *start = *at;
    int64_t value = small_integer(at, end);

    if (value >= 0 && (size_t)value < e->table_len && e->table[value] > 0)
        return e->table[value] - 1;
    *at = value_end(start, end);
    return number_by_text(e, (struct str){start, (size_t)(*at - start)});
}

bool set_elements_read(struct set_elements *e, struct str list, const uint32_t **ret,
                       size_t *ret_count)
{
    const char *at = list.data + 1;
    const char *end = list.data + list.len;
    size_t count = 0;

    if (!e->is_sealed)
        seal(e);
    *ret = e->numbers;
    *ret_count = 0;
    if (str_is(list, "null"))
        return true;
    if (list.len < 2 || list.data[0] != '[' || end[-1] != ']')
        return false;

    e->numbers = mem_grow(e->numbers, &e->numbers_cap, list.len, sizeof(*e->numbers));
    while (at < end && *at != ']') {
        e->numbers[count++] = next_number(e, &at, end);
        if (at < end && *at == ',')
            at++;
    }
    *ret = e->numbers;
    *ret_count = count;
    return true;
}

/* elements.c - the union of two lists, which is the merge of all grow-only sets. */
#include "elements.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
    const struct json *a = *(struct json *const *)left, *b = *(struct json *const *)right;
    uint32_t len;
    int order;

    if (a->type != b->type)
        return a->type < b->type ? -1 : 1; /* JSON_INT comes before JSON_STRING */
    if (a->type != JSON_STRING) {
        int64_t x = json_int_of(a, 0), y = json_int_of(b, 0);

        return (x > y) - (x < y);
    }
    len = a->len < b->len ? a->len : b->len;
    order = memcmp(a->string, b->string, len);
    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

struct json *elements_union(const struct json *a, const struct json *b)
{
    struct json *all = json_array(), *once = json_array();

    for (size_t i = 0; i < json_len(a); i++)
        json_push(all, json_at(a, i));
    for (size_t i = 0; i < json_len(b); i++)
        json_push(all, json_at(b, i));
    if (all->len > 0)
        qsort(all->items, all->len, sizeof(struct json *), compare);
    for (size_t i = 0; i < all->len; i++) {
        if (i == 0 || !json_equal(all->items[i], all->items[i - 1]))
            json_push(once, all->items[i]);
    }
    return once;
}

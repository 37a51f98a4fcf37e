/* cells.c - a list of cells is copied out of the pages, cut in one place, and written back.
 *
 * Leaves:  [a c] + [e f]               the separator is made new: the shortest text that is after
 *                                      the last key on the left and not after the first on the
 * right Inner:   [a c] (m) [r t]             the separator comes down, is a cell as all others, and
 * the cell in the middle goes up */
#include "cells.h"

#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 2 * PAGE_BYTES / 6 };

struct list {
    char copies[2][PAGE_BYTES]; /* what the cells point into */
    struct cell cells[CELLS_MAX];
    size_t count, bytes;
    uint32_t link; /* in front of the first cell of an inner page */
    bool is_leaf;
};

static void add(struct list *l, struct slice key, struct slice value)
{
    l->cells[l->count++] = (struct cell){.key = key, .value = value};
    l->bytes += page_cell_bytes(key, value);
}

static void add_page(struct list *l, const char *page, int copy, const struct cell *extra)
{
    const char *p = memcpy(l->copies[copy], page, PAGE_BYTES);

    for (size_t i = 0; i < page_count(p) || (extra != NULL && i == extra->at); i++) {
        if (extra != NULL && i == extra->at)
            add(l, extra->key, extra->value);
        if (i < page_count(p))
            add(l, page_key(p, i), page_value(p, i));
    }
}

static void fill(char *page, const struct list *l, size_t from, size_t to, uint32_t link)
{
    page_init(page, page_id(page), l->is_leaf ? PAGE_LEAF : PAGE_INNER);
    page_set_link(page, link);
    for (size_t i = from; i < to; i++)
        page_insert(page, i - from, l->cells[i].key, l->cells[i].value);
}

/* The first cell of the right side. Both sides are as equal as whole cells allow. */
static size_t middle(const struct list *l)
{
    size_t left = 0, i = 0;

    while (i + 1 < l->count) {
        size_t next = left + page_cell_bytes(l->cells[i].key, l->cells[i].value);

        if (next > l->bytes / 2 && i > 0 && next - l->bytes / 2 > l->bytes / 2 - left)
            break;
        left = next;
        i++;
        if (left >= l->bytes / 2)
            break;
    }
    return i;
}

struct slice cells_between(struct slice before, struct slice first)
{
    size_t len = 0;

    while (len < before.len && before.data[len] == first.data[len])
        len++;
    return (struct slice){first.data, len + 1};
}

/* The separator if the list is cut at cut. */
static struct slice separator_at(const struct list *l, size_t cut)
{
    return l->is_leaf ? cells_between(l->cells[cut - 1].key, l->cells[cut].key) : l->cells[cut].key;
}

static void write_both(const struct list *l, size_t cut, char *left, char *right)
{
    fill(left, l, 0, cut, l->link);
    if (l->is_leaf)
        fill(right, l, cut, l->count, 0);
    else
        fill(right, l, cut + 1, l->count, get_u32(l->cells[cut].value.data));
}

void cells_split(char *left, char *right, const struct cell *extra, struct bytes *ret_separator)
{
    struct list *l = must_alloc(NULL, sizeof(*l));
    struct slice separator;
    size_t cut;

    l->count = l->bytes = 0;
    l->link = page_link(left);
    l->is_leaf = page_kind(left) == PAGE_LEAF;
    add_page(l, left, 0, extra);
    cut = middle(l);
    separator = separator_at(l, cut);
    bytes_add(ret_separator, separator.data, separator.len);
    write_both(l, cut, left, right);
    free(l);
}

void cells_free(struct bytes *separator)
{
    free(separator->data);
}

/* Whether the parent has room for another separator in this place. */
static bool parent_takes(const char *parent, size_t at, struct slice separator)
{
    struct slice old = page_key(parent, at), value = page_value(parent, at);

    return page_used(parent) - page_cell_bytes(old, value) + page_cell_bytes(separator, value) <=
           PAGE_ROOM;
}

static void parent_set(char *parent, size_t at, struct slice separator)
{
    char child[4];

    memcpy(child, page_value(parent, at).data, sizeof(child));
    page_remove(parent, at);
    page_insert(parent, at, separator, (struct slice){child, sizeof(child)});
}

enum cells_join cells_join(char *left, char *right, char *parent, size_t at)
{
    struct list *l = must_alloc(NULL, sizeof(*l));
    enum cells_join result = CELLS_AS_BEFORE;
    char child[4];
    size_t cut;

    l->count = l->bytes = 0;
    l->link = page_link(left);
    l->is_leaf = page_kind(left) == PAGE_LEAF;
    put_u32(child, page_link(right));
    add_page(l, left, 0, NULL);
    if (!l->is_leaf)
        add(l, page_key(parent, at), (struct slice){child, sizeof(child)});
    add_page(l, right, 1, NULL);
    cut = middle(l);
    if (l->bytes <= PAGE_ROOM) {
        fill(left, l, 0, l->count, l->link);
        result = CELLS_MERGED;
    } else if (parent_takes(parent, at, separator_at(l, cut))) {
        struct bytes separator = {0}; /* the old one may be among the cells */

        bytes_add(&separator, separator_at(l, cut).data, separator_at(l, cut).len);
        write_both(l, cut, left, right);
        parent_set(parent, at, (struct slice){separator.data, separator.len});
        free(separator.data);
        result = CELLS_SHARED;
    }
    free(l);
    return result;
}

/* btree.c - the way down, and what it is used for.
 *
 *     height 3              [ m ]
 *                  [ e | h ]     [ r ]
 *            [a c] [e f] [h k]  [m p] [r z]
 *
 * A separator is the least key that may stand to its right, so equal keys are to the right. Every
 * page on the way is pinned while something below it is at work; that is height pages, and two more
 * a level for a split or a merge. */
#include "btree.h"

#include "cells.h"

#include <errno.h>
#include <string.h>

enum { HEIGHT_MAX = 16 };

struct path {
    size_t depth; /* pages[0] is the root, pages[depth - 1] the leaf */
    char *pages[HEIGHT_MAX];
    size_t child[HEIGHT_MAX]; /* which one was taken */
};

static void path_put(struct path *w)
{
    while (w->depth > 0)
        pool_put(w->pages[--w->depth]);
}

static bool is_kind(const char *page, uint32_t height)
{
    return page_kind(page) == (height == 1 ? PAGE_LEAF : PAGE_INNER);
}

static int path_find(struct path *w, struct slice key)
{
    const struct pager_head *head = pager_head();
    uint32_t id = head->root;

    w->depth = 0;
    for (uint32_t height = head->height; height > 0; height--) {
        int status;
        char *page = pool_get(id, POOL_WARM, &status);

        if (page != NULL && !is_kind(page, height)) {
            pool_put(page);
            page = NULL;
            status = -EBADMSG;
        }
        if (page == NULL) {
            path_put(w);
            return status;
        }
        w->pages[w->depth++] = page;
        if (height > 1) {
            w->child[w->depth - 1] = page_child_for(page, key);
            id = page_child(page, w->child[w->depth - 1]);
        }
    }
    return 0;
}

int btree_get(struct slice key, struct bytes *ret_value)
{
    struct path w;
    int status = path_find(&w, key);
    struct slice value;
    bool is_equal;
    size_t i;

    if (status < 0)
        return status;
    i = page_find(w.pages[w.depth - 1], key, &is_equal);
    if (is_equal) {
        value = page_value(w.pages[w.depth - 1], i);
        bytes_add(ret_value, value.data, value.len);
    }
    path_put(&w);
    return is_equal ? 0 : -ENOENT;
}

int btree_check(struct slice key)
{
    struct path w;
    int status = path_find(&w, key);

    if (status == 0)
        path_put(&w);
    return status;
}

/* Scan: a page, and below it those that reach into the range. */

struct scan {
    struct slice from, to;
    btree_fn fn;
    void *owner;
    bool is_over;
};

static void scan_leaf(struct scan *s, const char *page)
{
    bool is_equal;

    for (size_t i = page_find(page, s->from, &is_equal); i < page_count(page) && !s->is_over; i++) {
        struct slice key = page_key(page, i);

        s->is_over = (s->to.data != NULL && slice_compare(key, s->to) >= 0) ||
                     !s->fn(s->owner, key, page_value(page, i));
    }
}

static int scan_page(struct scan *s, uint32_t id, uint32_t height)
{
    int status;
    char *page = pool_get(id, height == 1 ? POOL_COLD : POOL_WARM, &status);

    if (page == NULL)
        return status;
    if (!is_kind(page, height))
        status = -EBADMSG;
    else if (height == 1)
        scan_leaf(s, page);
    else
        for (size_t i = page_child_for(page, s->from); i <= page_count(page) && !s->is_over; i++) {
            if (i > 0 && s->to.data != NULL && slice_compare(page_key(page, i - 1), s->to) >= 0)
                break;
            status = scan_page(s, page_child(page, i), height - 1);
            if (status < 0)
                break;
        }
    pool_put(page);
    return status;
}

int btree_scan(struct slice from, struct slice to, btree_fn fn, void *owner)
{
    struct scan s = {.from = from, .to = to, .fn = fn, .owner = owner};

    return scan_page(&s, pager_head()->root, pager_head()->height);
}

/* Insert */

/* The tree becomes one level higher: the old root and its new sibling get a parent. */
static void grow(char *left, const struct bytes *separator, uint32_t right)
{
    struct pager_head *head = pager_head();
    char child[4], *root = pool_new(pager_take(), PAGE_INNER);

    put_u32(child, right);
    page_set_link(root, page_id(left));
    page_insert(root, 0, (struct slice){separator->data, separator->len}, (struct slice){child, 4});
    head->root = page_id(root);
    head->height++;
    pool_put(root);
}

/* Puts a cell into pages[level] of the way, and where there is no room splits it and goes up. */
static void insert_at(struct path *w, size_t level, size_t i, struct slice key, struct slice value)
{
    struct bytes separator = {0};
    char child[4], *left = w->pages[level], *right;

    pool_change(left);
    if (page_insert(left, i, key, value))
        return;
    right = pool_new(pager_take(), page_kind(left));
    cells_split(left, right, &(struct cell){.at = i, .key = key, .value = value}, &separator);
    if (level == 0) {
        grow(left, &separator, page_id(right));
    } else {
        put_u32(child, page_id(right));
        insert_at(w, level - 1, w->child[level - 1], (struct slice){separator.data, separator.len},
                  (struct slice){child, 4});
    }
    pool_put(right);
    cells_free(&separator);
}

int btree_put(struct slice key, struct slice value)
{
    struct path w;
    bool is_equal;
    char *leaf;
    size_t i;
    int status;

    pager_reserve();
    status = path_find(&w, key);
    if (status < 0)
        return status;
    leaf = w.pages[w.depth - 1];
    i = page_find(leaf, key, &is_equal);
    if (is_equal)
        page_remove(leaf, i);
    insert_at(&w, w.depth - 1, i, key, value);
    path_put(&w);
    return 0;
}

/* Delete */

/* A page with too little in it takes from a neighbour, or becomes one with it. True: the parent has
 * lost a cell. */
static bool rebalance(struct path *w, size_t level)
{
    char *parent = w->pages[level - 1], *page = w->pages[level], *left, *right, *other;
    size_t child = w->child[level - 1], at = child == 0 ? 0 : child - 1;
    enum cells_join result;
    int status;

    if (page_count(parent) == 0)
        return false;
    other = pool_get(page_child(parent, child == 0 ? 1 : child - 1), POOL_WARM, &status);
    if (other == NULL)
        return false; /* it cannot be read: then this page stays as it is */
    left = child == 0 ? page : other;
    right = child == 0 ? other : page;
    result = cells_join(left, right, parent, at);
    if (result != CELLS_AS_BEFORE) {
        pool_change(left);
        pool_change(right);
        pool_change(parent);
    }
    if (result == CELLS_MERGED) {
        page_remove(parent, at);
        pager_give(right);
        w->pages[level] = left;
        return true;
    }
    pool_put(other);
    return false;
}

/* A root with one child only is not needed. */
static void shrink(struct path *w)
{
    struct pager_head *head = pager_head();
    char *root = w->pages[0];

    if (page_kind(root) != PAGE_INNER || page_count(root) > 0)
        return;
    head->root = page_link(root);
    head->height--;
    pager_give(root);
    w->pages[0] = NULL;
}

int btree_delete(struct slice key)
{
    struct path w;
    bool is_equal;
    size_t i, level;
    int status;

    pager_reserve();
    status = path_find(&w, key);
    if (status < 0)
        return status;
    level = w.depth - 1;
    i = page_find(w.pages[level], key, &is_equal);
    if (is_equal) {
        page_remove(w.pages[level], i);
        pool_change(w.pages[level]);
        while (level > 0 && page_used(w.pages[level]) < PAGE_ROOM / 2 && rebalance(&w, level))
            level--;
        shrink(&w);
    }
    path_put(&w);
    return is_equal ? 0 : -ENOENT;
}

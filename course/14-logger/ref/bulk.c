/* bulk.c - one page of each level is at work. When it is full it is written, gets its number by
 * that, and its parent gets a cell; so every page is written once and in order, and all are full.
 * Inserting the same pairs one by one would leave every leaf half empty. */
#include "bulk.h"

#include "cells.h"
#include "file.h"
#include "pager.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_MAX = 16, BUFFER_BYTES = 1 << 18 };

static const char beside[] = "pages.new";

struct bulk {
    int fd;
    uint32_t pages;      /* numbered so far; 0 is the first page, which comes last */
    struct bytes buffer; /* written pages that have not gone to the file */
    uint64_t buffer_at;
    struct bytes last_key;
    size_t height;
    struct level {
        char page[PAGE_BYTES];
        struct bytes separator; /* between this page and the one before it */
        bool has_any;
    } levels[LEVELS_MAX];
    int status; /* of the first write that failed */
};

static void level_begin(struct bulk *b, size_t level, struct slice separator)
{
    struct level *l = &b->levels[level];

    page_init(l->page, 0, level == 0 ? PAGE_LEAF : PAGE_INNER);
    l->separator.len = 0;
    bytes_add(&l->separator, separator.data, separator.len);
    l->has_any = false;
    if (level >= b->height)
        b->height = level + 1;
}

struct bulk *bulk_begin(int *ret_status)
{
    struct bulk *b = must_alloc(NULL, sizeof(*b));
    int fd = file_open(beside, true);

    *ret_status = fd < 0 ? fd : file_cut(fd, 0);
    memset(b, 0, sizeof(*b));
    b->fd = fd;
    b->pages = 1;
    b->buffer_at = PAGE_BYTES;
    level_begin(b, 0, (struct slice){"", 0});
    if (*ret_status == 0)
        return b;
    bulk_abort(b);
    return NULL;
}

static void flush(struct bulk *b)
{
    int status = file_write(b->fd, b->buffer_at, b->buffer.data, b->buffer.len);

    if (b->status == 0)
        b->status = status;
    b->buffer_at += b->buffer.len;
    b->buffer.len = 0;
}

static void level_end(struct bulk *b, size_t level);

/* The parent's level learns of a page that has been written. */
static void parent_add(struct bulk *b, size_t level, struct slice separator, uint32_t id)
{
    struct level *l = &b->levels[level];
    char child[4];

    put_u32(child, id);
    if (level >= b->height)
        level_begin(b, level, separator);
    if (l->has_any && !page_insert(l->page, page_count(l->page), separator,
                                   (struct slice){child, sizeof(child)})) {
        level_end(b, level);
        level_begin(b, level, separator);
    }
    if (!l->has_any)
        page_set_link(l->page, id);
    l->has_any = true;
}

static uint32_t page_out(struct bulk *b, char *page)
{
    uint32_t id = b->pages++;

    page_set_id(page, id);
    page_seal(page);
    bytes_add(&b->buffer, page, PAGE_BYTES);
    if (b->buffer.len >= BUFFER_BYTES)
        flush(b);
    return id;
}

static void level_end(struct bulk *b, size_t level)
{
    struct level *l = &b->levels[level];
    uint32_t id = page_out(b, l->page);

    parent_add(b, level + 1, (struct slice){l->separator.data, l->separator.len}, id);
}

int bulk_add(struct bulk *b, struct slice key, struct slice value)
{
    struct level *leaf = &b->levels[0];
    struct slice last = {b->last_key.data, b->last_key.len};

    if (leaf->has_any && slice_compare(last, key) >= 0)
        return -EINVAL;
    if (!page_insert(leaf->page, page_count(leaf->page), key, value)) {
        level_end(b, 0);
        level_begin(b, 0, cells_between(last, key));
        page_insert(leaf->page, 0, key, value);
    }
    leaf->has_any = true;
    b->last_key.len = 0;
    bytes_add(&b->last_key, key.data, key.len);
    return b->status;
}

static void bulk_free(struct bulk *b)
{
    file_close(b->fd);
    for (size_t i = 0; i < LEVELS_MAX; i++)
        free(b->levels[i].separator.data);
    free(b->buffer.data);
    free(b->last_key.data);
    free(b);
}

int bulk_finish(struct bulk *b, uint64_t lsn)
{
    struct pager_head head = {.lsn = lsn};
    char first[PAGE_BYTES];
    int status;

    for (size_t level = 0; level + 1 < b->height; level++)
        level_end(b, level);
    head.height = (uint32_t)b->height;
    head.root = page_out(b, b->levels[b->height - 1].page);
    head.pages = b->pages;
    flush(b);
    pager_head_write(&head, first);
    status = b->status == 0 ? file_write(b->fd, 0, first, sizeof(first)) : b->status;
    if (status == 0)
        status = file_sync(b->fd);
    if (status == 0)
        status = pager_replace(beside);
    else
        folder_remove(beside);
    bulk_free(b);
    return status;
}

void bulk_abort(struct bulk *b)
{
    if (b == NULL)
        return;
    bulk_free(b);
    folder_remove(beside);
}

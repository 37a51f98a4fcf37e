/* pager.c - page 0 says where everything is; it changes with a checkpoint as all others do.
 *
 * Order of a checkpoint: the log, synced, up to what the pages show ("log first"; Mohan et al.,
 * ARIES, 1992); the changed pages into the journal, synced; the pages in place, synced; only then
 * may the log go. When writing in place has failed, the journal is the only whole copy of some
 * pages, and must not be overwritten before it has been applied. */
#include "pager.h"

#include "config.h"
#include "file.h"
#include "journal.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char name[] = "pages";

static struct pager_head head;
static int file = -1;
static bool keeps_log;
static bool is_half_written; /* since a checkpoint failed in place */

/* Page 0: root u32 | height u32 | pages u32 | free_first u32 | lsn u64, behind the page's own head.
 */

void pager_head_write(const struct pager_head *h, char *page)
{
    char *at = page + PAGE_HEAD;

    page_init(page, 0, PAGE_FIRST);
    put_u32(at, h->root);
    put_u32(at + 4, h->height);
    put_u32(at + 8, h->pages);
    put_u32(at + 12, h->free_first);
    put_u64(at + 16, h->lsn);
    page_seal(page);
}

static int head_read(void)
{
    char page[PAGE_BYTES];
    size_t len;
    int status = file_read(file, 0, page, sizeof(page), &len);

    if (status < 0)
        return status;
    if (len < sizeof(page) || !page_is_sound(page, 0))
        return -EBADMSG;
    head = (struct pager_head){.root = get_u32(page + PAGE_HEAD),
                               .height = get_u32(page + PAGE_HEAD + 4),
                               .pages = get_u32(page + PAGE_HEAD + 8),
                               .free_first = get_u32(page + PAGE_HEAD + 12),
                               .lsn = get_u64(page + PAGE_HEAD + 16)};
    return 0;
}

static int make_empty(void)
{
    struct pager_head empty = {.root = 1, .height = 1, .pages = 2};
    char pages[2 * PAGE_BYTES];

    pager_head_write(&empty, pages);
    page_init(pages + PAGE_BYTES, 1, PAGE_LEAF);
    page_seal(pages + PAGE_BYTES);
    return file_replace(name, pages, sizeof(pages));
}

int pager_open(void)
{
    int status = journal_open();

    folder_remove("pages.new");
    file = file_open(name, false);
    if (file == -ENOENT && (status = make_empty()) == 0)
        file = file_open(name, false);
    if (file < 0 || status < 0)
        return file < 0 ? file : status;
    status = journal_apply(file);
    if (status < 0)
        return status;
    pool_open(file, (size_t)config_int("pool_pages", 64));
    return head_read();
}

struct pager_head *pager_head(void)
{
    return &head;
}

/* Free pages are a list: each names the next. */

uint32_t pager_take(void)
{
    uint32_t id = head.free_first;
    int status;
    char *page;

    if (id == 0)
        return head.pages++;
    page = pool_get(id, POOL_WARM, &status);
    if (page == NULL || page_kind(page) != PAGE_FREE) {
        pool_put(page);
        head.free_first = 0; /* the list is damaged: those pages are lost until the next vacuum */
        return head.pages++;
    }
    head.free_first = page_link(page);
    pool_put(page);
    return id;
}

void pager_give(char *page)
{
    page_init(page, page_id(page), PAGE_FREE);
    page_set_link(page, head.free_first);
    head.free_first = page_id(page);
    pool_change(page);
    pool_put(page);
}

/* Checkpoint */

static int collect(void *owner, char *page)
{
    page_seal(page);
    bytes_add(owner, page, PAGE_BYTES);
    return 0;
}

static int write_twice(const struct bytes *images)
{
    int status = journal_write(images->data, images->len / PAGE_BYTES);

    if (status < 0)
        return status;
    is_half_written = true;
    for (size_t at = 0; at < images->len && status == 0; at += PAGE_BYTES)
        status = file_write(file, (uint64_t)page_id(images->data + at) * PAGE_BYTES,
                            images->data + at, PAGE_BYTES);
    if (status == 0)
        status = file_sync(file);
    is_half_written = status < 0;
    return status;
}

int pager_checkpoint(void)
{
    struct bytes images = {0};
    char first[PAGE_BYTES];
    int status = 0;

    if (is_half_written)
        status = journal_apply(file);
    if (status == 0)
        is_half_written = false;
    if (status == 0 && log_durable() < head.lsn)
        status = log_sync_keeping();
    if (status < 0)
        return status;
    pager_head_write(&head, first);
    bytes_add(&images, first, PAGE_BYTES);
    pool_each_changed(collect, &images);
    status = write_twice(&images);
    free(images.data);
    if (status < 0)
        return status;
    pool_written();
    if (keeps_log)
        return 0;
    if (log_kept_bytes() > (uint64_t)config_int("checkpoint_bytes", 1 << 20))
        status = log_roll();
    return status < 0 ? status : log_forget(head.lsn + 1);
}

void pager_keep_log(bool keep)
{
    keeps_log = keep;
}

void pager_reserve(void)
{
    size_t needed = 2 * head.height + 1; /* the path, a new page beside each, a new root */

    if (pool_changed() > 0 && pool_changed() + needed > pool_frames())
        pager_checkpoint(); /* if it fails, the pool grows until one succeeds */
}

int pager_replace(const char *from)
{
    int status = journal_clear(); /* its images belong to the old file */

    if (status == 0)
        status = folder_rename(from, name);
    if (status == 0)
        status = folder_sync();
    if (status < 0)
        return status;
    file_close(file);
    file = file_open(name, false);
    pool_reset(file);
    return head_read();
}

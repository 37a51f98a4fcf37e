/* pool.c - least recently used goes first.
 *
 *     free -> get: clean, pinned -> put: clean -> (evicted)
 *                    change: dirty -> checkpoint: clean
 *
 * Laws: 1. A pinned page is not evicted. 2. Neither is a changed one: the file holds the state of
 * the last checkpoint, never a mixture (no-steal). 3. There are at most pool_frames() frames;
 * whoever changes pages makes room before (pager_reserve). Only while the disk refuses to take
 * pages may there be more, for what has been logged must be carried out.
 *
 * Some dozen frames are searched one by one; a pool of thousands would want a hash table. */
#include "pool.h"

#include "file.h"

#include <errno.h>
#include <stdlib.h>

enum { FRAMES_MIN = 8 };

struct frame {
    char page[PAGE_BYTES]; /* first: a page's address is that of its frame */
    uint32_t id;
    unsigned pins;
    bool is_used, is_changed;
    uint64_t used_at;
};

static struct frame **frames;
static size_t frame_count, frame_max;
static uint64_t uses;
static bool keeps_nothing;
static int file = -1;

void pool_open(int fd, size_t max)
{
    file = fd;
    keeps_nothing = max == 0;
    frame_max = max < FRAMES_MIN ? FRAMES_MIN : max;
}

void pool_reset(int fd)
{
    for (size_t i = 0; i < frame_count; i++)
        frames[i]->is_used = frames[i]->is_changed = false;
    file = fd;
}

size_t pool_frames(void)
{
    return frame_max;
}

size_t pool_changed(void)
{
    size_t count = 0;

    for (size_t i = 0; i < frame_count; i++)
        count += frames[i]->is_used && frames[i]->is_changed;
    return count;
}

static struct frame *find(uint32_t id)
{
    for (size_t i = 0; i < frame_count; i++) {
        if (frames[i]->is_used && frames[i]->id == id)
            return frames[i];
    }
    return NULL;
}

static bool may_go(const struct frame *f)
{
    return f->pins == 0 && !f->is_changed;
}

static struct frame *room(void)
{
    struct frame *oldest = NULL;

    for (size_t i = 0; i < frame_count; i++) {
        struct frame *f = frames[i];

        if (!f->is_used)
            return f;
        if (may_go(f) && (oldest == NULL || f->used_at < oldest->used_at))
            oldest = f;
    }
    if (oldest != NULL && frame_count >= frame_max)
        return oldest;
    frames = must_alloc(frames, (frame_count + 1) * sizeof(struct frame *));
    return frames[frame_count++] = must_alloc(NULL, sizeof(struct frame));
}

static struct frame *take(uint32_t id)
{
    struct frame *f = room();

    f->id = id;
    f->pins = 1;
    f->is_used = true;
    f->is_changed = false;
    f->used_at = ++uses;
    return f;
}

char *pool_get(uint32_t id, enum pool_use use, int *ret_status)
{
    struct frame *f = find(id);
    size_t len = 0;

    *ret_status = 0;
    if (f == NULL) {
        f = take(id);
        *ret_status = file_read(file, (uint64_t)id * PAGE_BYTES, f->page, PAGE_BYTES, &len);
        if (*ret_status == 0 && (len != PAGE_BYTES || !page_is_sound(f->page, id)))
            *ret_status = -EBADMSG;
        if (*ret_status < 0) {
            f->is_used = false;
            f->pins = 0;
            return NULL;
        }
        if (use == POOL_COLD)
            f->used_at = 0;
        return f->page;
    }
    f->pins++;
    if (use == POOL_WARM)
        f->used_at = ++uses;
    return f->page;
}

char *pool_new(uint32_t id, enum page_kind kind)
{
    struct frame *f = find(id);

    if (f == NULL)
        f = take(id);
    else
        f->pins++;
    page_init(f->page, id, kind);
    f->is_changed = true;
    return f->page;
}

void pool_put(char *page)
{
    struct frame *f = (struct frame *)page;

    if (f == NULL)
        return;
    f->pins--;
    if (keeps_nothing && may_go(f))
        f->is_used = false;
}

void pool_change(char *page)
{
    ((struct frame *)page)->is_changed = true;
}

int pool_each_changed(int (*fn)(void *owner, char *page), void *owner)
{
    int status = 0;

    for (size_t i = 0; i < frame_count && status == 0; i++) {
        if (frames[i]->is_used && frames[i]->is_changed)
            status = fn(owner, frames[i]->page);
    }
    return status;
}

static void shrink(void)
{
    for (size_t i = frame_count; i > 0 && frame_count > frame_max; i--) {
        if (frames[i - 1]->is_used && !may_go(frames[i - 1]))
            continue;
        free(frames[i - 1]);
        frames[i - 1] = frames[--frame_count];
    }
}

void pool_written(void)
{
    for (size_t i = 0; i < frame_count; i++) {
        frames[i]->is_changed = false;
        if (keeps_nothing && frames[i]->pins == 0)
            frames[i]->is_used = false;
    }
    shrink();
}

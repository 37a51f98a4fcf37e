/* part.c - appends, reads and recovery of a partition.
 *
 * Every append is synced before anybody hears of it, and a file is sealed only when it is whole. So
 * only the last file can end in something torn, and what is torn was never acknowledged: it is cut
 * off. What was written but not synced when the process was killed is synced at the start, before
 * anyone can read it. */
#include "part.h"

#include "file.h"
#include "node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct pseg *last_seg(const struct part *p)
{
    return &p->segs[p->count - 1];
}

uint64_t part_first(const struct part *p)
{
    return p->segs[0].base;
}

uint64_t part_end(const struct part *p)
{
    return last_seg(p)->end;
}

uint64_t part_bytes(const struct part *p)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < p->count; i++)
        sum += p->segs[i].size;
    return sum;
}

uint64_t part_now(const struct part *p)
{
    uint64_t last_ms = 0, now_ms;
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    now_ms = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    for (size_t i = p->count; i-- > 0 && last_ms == 0;)
        last_ms = p->segs[i].last_ms;
    return now_ms > last_ms ? now_ms : last_ms;
}

static void must(int status, const char *what)
{
    if (status < 0) {
        node_log("partition: %s: %s", what, strerror(-status));
        exit(1);
    }
}

/* Recovery */

static void found(void *owner, const char *name)
{
    struct part *p = owner;
    unsigned long long base;
    char ending[8] = "";
    unsigned id;

    if (sscanf(name, "p%u.%20llu.%7s", &id, &base, ending) != 3 || id != p->id)
        return;
    if (strcmp(ending, "tmp") == 0) {
        folder_remove(name);
    } else if (strcmp(ending, "seg") == 0) {
        p->segs = must_alloc(p->segs, (p->count + 1) * sizeof(*p->segs));
        must(pseg_open(&p->segs[p->count++], id, base), name);
    }
}

static int by_base(const void *a, const void *b)
{
    const struct pseg *x = a, *y = b;

    return x->base < y->base ? -1 : x->base > y->base;
}

/* Files that a merged one stands for were to be removed when the process ended. */
static void remove_covered(struct part *p)
{
    size_t kept = 0;
    uint64_t covered = 0;

    for (size_t i = 0; i < p->count; i++) {
        if (p->segs[i].base <= covered && i > 0) {
            pseg_remove(&p->segs[i]);
            continue;
        }
        if (p->segs[i].covers > covered)
            covered = p->segs[i].covers;
        p->segs[kept++] = p->segs[i];
    }
    p->count = kept;
}

static void recover_sealed(struct pseg *s)
{
    uint64_t whole;
    int status = pseg_index_load(s);

    if (status != -EBADMSG) {
        must(status, "index");
        return;
    }
    must(pseg_scan(s, &whole), "scan");
    must(file_size(s->fd, &s->size), "size"); /* damage in it shows when it is read */
    if (s->size == whole)
        pseg_index_save(s);
}

/* A roll that failed may leave a file without items, behind which the one before it went on. */
static bool is_stray(const struct pseg *s, uint64_t end_before)
{
    uint64_t size;

    must(file_size(s->fd, &size), "size");
    return end_before > s->base && size <= PSEG_HEAD;
}

static void recover_all_sealed(struct part *p)
{
    for (size_t i = 0; i + 1 < p->count;) {
        recover_sealed(&p->segs[i]);
        if (!is_stray(&p->segs[i + 1], p->segs[i].end)) {
            i++;
            continue;
        }
        pseg_remove(&p->segs[i + 1]);
        p->count--;
        memmove(p->segs + i + 1, p->segs + i + 2, (p->count - i - 1) * sizeof(*p->segs));
    }
}

static void recover_last(struct pseg *s)
{
    uint64_t whole;

    must(pseg_scan(s, &whole), "scan");
    must(file_cut(s->fd, whole), "cut");
    must(file_sync(s->fd), "sync");
}

struct part *part_open(unsigned id, const struct part_config *config)
{
    struct part *p = must_alloc(NULL, sizeof(*p));

    *p = (struct part){.id = id, .config = *config};
    folder_list(found, p);
    if (p->count == 0) {
        p->segs = must_alloc(NULL, sizeof(*p->segs));
        must(pseg_create(&p->segs[p->count++], id, 0), "new file");
        must(file_sync(p->segs[0].fd), "sync");
    } else {
        qsort(p->segs, p->count, sizeof(*p->segs), by_base);
        remove_covered(p);
        recover_all_sealed(p);
        recover_last(last_seg(p));
    }
    must(folder_sync(), "folder");
    return p;
}

/* Appends */

static int clear_end(struct part *p)
{
    int status = p->is_end_dirty ? file_cut(last_seg(p)->fd, last_seg(p)->size) : 0;

    p->is_end_dirty = status < 0;
    return status;
}

int part_roll(struct part *p)
{
    struct pseg next;
    int status = pseg_create(&next, p->id, part_end(p));

    if (status < 0)
        return status;
    status = folder_sync();
    if (status < 0) {
        pseg_remove(&next);
        return status;
    }
    pseg_index_save(last_seg(p)); /* if that fails, the next start makes it again */
    p->segs = must_alloc(p->segs, (p->count + 1) * sizeof(*p->segs));
    p->segs[p->count++] = next;
    return 0;
}

int part_append(struct part *p, const struct item *items, size_t count)
{
    struct bytes b = {0};
    int status = clear_end(p);

    if (status == 0 && last_seg(p)->size >= p->config.segment_bytes)
        status = part_roll(p);
    for (size_t i = 0; i < count; i++)
        item_write(&items[i], &b);
    if (status == 0) {
        struct pseg *s = last_seg(p);

        p->is_end_dirty = true;
        status = file_write(s->fd, s->size, b.data, b.len);
        if (status == 0)
            status = file_sync(s->fd);
        if (status == 0)
            p->is_end_dirty = false;
        else
            clear_end(p);
        for (size_t i = 0; status == 0 && i < count; i++)
            pseg_note(s, &items[i]);
    }
    free(b.data);
    return status;
}

/* Reads */

static size_t seg_of(const struct part *p, uint64_t offset)
{
    size_t low = 0, high = p->count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (p->segs[middle].base <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct from {
    uint64_t offset, ms;
    item_fn fn;
    void *owner;
};

static bool from_offset(void *owner, const struct item *it)
{
    struct from *f = owner;

    return it->offset < f->offset || it->ms < f->ms || f->fn(f->owner, it);
}

int part_read(const struct part *p, uint64_t offset, item_fn fn, void *owner)
{
    struct from f = {.offset = offset, .fn = fn, .owner = owner};
    bool more = true;
    int status = 0;

    for (size_t i = seg_of(p, offset); i < p->count && more && status == 0; i++)
        status = pseg_read(&p->segs[i], pseg_seek(&p->segs[i], offset), from_offset, &f, &more);
    return status;
}

static bool take_offset(void *owner, const struct item *it)
{
    *(uint64_t *)owner = it->offset;
    return false;
}

int part_offset_at(const struct part *p, uint64_t ms, uint64_t *ret_offset)
{
    uint64_t offset = part_end(p);
    struct from f = {.ms = ms, .fn = take_offset, .owner = &offset};
    bool more = true;
    int status = 0;

    for (size_t i = 0; i < p->count && more && status == 0; i++) {
        const struct pseg *s = &p->segs[i];

        if (s->last_ms >= ms && s->end > s->base)
            status = pseg_read(s, pseg_seek_time(s, ms), from_offset, &f, &more);
    }
    *ret_offset = offset;
    return status;
}

/* Replicas */

uint32_t part_last_epoch(const struct part *p)
{
    for (size_t i = p->count; i-- > 0;) {
        const struct pseg *s = &p->segs[i];

        if (s->index_count > 0)
            return s->index[s->index_count - 1].epoch;
    }
    return 0;
}

/* The first item of each epoch is in the index, so no file is read. */
uint64_t part_epoch_end(const struct part *p, uint32_t epoch, uint32_t *ret_epoch)
{
    *ret_epoch = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct pseg *s = &p->segs[i];

        for (size_t k = 0; k < s->index_count; k++) {
            if (s->index[k].epoch > epoch)
                return *ret_epoch == 0 ? part_first(p) : s->index[k].offset;
            *ret_epoch = s->index[k].epoch;
        }
    }
    return *ret_epoch == 0 ? part_first(p) : part_end(p);
}

struct place {
    const struct pseg *s;
    uint64_t offset, at; /* where the first item lies that is not before offset */
    uint64_t last_ms;    /* of the one before it */
};

static bool measure(void *owner, const struct item *it)
{
    struct place *w = owner;

    if (it->offset >= w->offset)
        return false;
    w->at += item_size(it);
    w->last_ms = it->ms;
    return true;
}

int part_cut(struct part *p, uint64_t offset)
{
    struct place w = {.offset = offset, .at = PSEG_HEAD};
    struct pseg *s;
    bool more;
    int status;

    if (offset >= part_end(p))
        return 0;
    while (p->count > 1 && last_seg(p)->base >= offset)
        pseg_remove(&p->segs[--p->count]);
    s = last_seg(p);
    status = pseg_read(s, PSEG_HEAD, measure, &w, &more);
    if (status == 0)
        status = file_cut(s->fd, w.at);
    if (status == 0) {
        pseg_forget(s, offset > s->base ? offset : s->base, w.at);
        s->last_ms = w.last_ms;
        status = file_sync(s->fd);
    }
    return status == 0 ? folder_sync() : status;
}

int part_restart(struct part *p, uint64_t offset)
{
    struct pseg fresh;
    int status = pseg_create(&fresh, p->id, offset);

    if (status < 0)
        return status;
    for (size_t i = 0; i < p->count; i++) {
        if (p->segs[i].base == offset)
            pseg_close(&p->segs[i]);
        else
            pseg_remove(&p->segs[i]);
    }
    p->segs[0] = fresh;
    p->count = 1;
    return folder_sync();
}

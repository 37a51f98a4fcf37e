#include "segment.h"

#include "crc32c.h"
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { INDEX_HEAD = 28, INDEX_ENTRY = 12 };

void segment_name(uint64_t first, char name[64])
{
    snprintf(name, 64, "%020llu.log", (unsigned long long)first);
}

void segment_index_name(uint64_t first, char name[64])
{
    snprintf(name, 64, "%020llu.idx", (unsigned long long)first);
}

void segment_close(struct segment *s)
{
    file_close(s->fd);
    free(s->index);
    *s = (struct segment){.fd = -1};
}

static void index_add(struct segment *s, uint64_t lsn, uint64_t at)
{
    if (s->index_count == s->index_cap) {
        s->index_cap = 2 * s->index_cap + 16;
        s->index = must_alloc(s->index, s->index_cap * sizeof(*s->index));
    }
    s->index[s->index_count++] = (struct index_entry){.lsn = lsn, .at = at};
}

void segment_note(struct segment *s, uint64_t lsn, uint64_t size)
{
    if (s->index_count == 0 || s->size - s->index[s->index_count - 1].at >= s->index_every)
        index_add(s, lsn, s->size);
    s->last = lsn;
    s->size += size;
}

/* Behind damage there is no telling where records begin, so every byte is tried. */
static uint64_t proof_behind(const struct bytes *b, size_t at)
{
    uint64_t proven = 0;
    struct record r;

    while (at < b->len) {
        if (!record_read(b->data + at, b->len - at, &r)) {
            at++;
            continue;
        }
        if (r.durable > proven)
            proven = r.durable;
        at += record_size(&r);
    }
    return proven;
}

static void proven_place(const struct bytes *b, struct segment_scan *scan)
{
    struct record r;

    while (scan->proven_at < scan->whole) {
        record_read(b->data + scan->proven_at, b->len - scan->proven_at, &r);
        if (r.lsn > scan->proven)
            break;
        scan->proven_at += record_size(&r);
    }
}

int segment_scan(struct segment *s, struct segment_scan *ret_scan)
{
    struct segment_scan scan = {.proven = s->first - 1};
    struct bytes b = {0};
    int status = file_read_all(s->fd, &b);
    struct record r;
    uint64_t behind;

    s->last = s->first - 1;
    s->size = s->index_count = 0;
    while (status == 0 && record_read(b.data + scan.whole, b.len - scan.whole, &r) &&
           r.lsn == s->last + 1) {
        segment_note(s, r.lsn, record_size(&r));
        scan.whole += record_size(&r);
        if (r.durable > scan.proven)
            scan.proven = r.durable;
    }
    if (status == 0) {
        scan.size = b.len;
        behind = proof_behind(&b, scan.whole);
        if (behind > scan.proven)
            scan.proven = behind;
        proven_place(&b, &scan);
        *ret_scan = scan;
    }
    free(b.data);
    return status;
}

int segment_index_save(const struct segment *s)
{
    struct bytes b = {0};
    char name[64];
    int fd, status;

    bytes_add_u32(&b, 0);
    bytes_add_u64(&b, s->first);
    bytes_add_u64(&b, s->last);
    bytes_add_u64(&b, s->size);
    for (size_t i = 0; i < s->index_count; i++) {
        bytes_add_u64(&b, s->index[i].lsn);
        bytes_add_u32(&b, (uint32_t)s->index[i].at);
    }
    put_u32(b.data, crc32c(b.data + 4, b.len - 4));

    segment_index_name(s->first, name);
    fd = file_open(name, true);
    status = fd < 0 ? fd : file_cut(fd, 0);
    if (status == 0)
        status = file_write(fd, 0, b.data, b.len);
    file_close(fd);
    free(b.data);
    return status;
}

static int index_take(struct segment *s, const struct bytes *b)
{
    uint64_t size;
    int status = file_size(s->fd, &size);

    if (status < 0)
        return status;
    if (b->len < INDEX_HEAD || (b->len - INDEX_HEAD) % INDEX_ENTRY != 0 ||
        get_u32(b->data) != crc32c(b->data + 4, b->len - 4) || get_u64(b->data + 4) != s->first ||
        get_u64(b->data + 20) != size)
        return -EBADMSG;
    s->last = get_u64(b->data + 12);
    s->size = size;
    s->index_count = 0;
    for (const char *p = b->data + INDEX_HEAD; p < b->data + b->len; p += INDEX_ENTRY)
        index_add(s, get_u64(p), get_u32(p + 8));
    return 0;
}

int segment_index_load(struct segment *s)
{
    struct bytes b = {0};
    char name[64];
    int fd, status;

    segment_index_name(s->first, name);
    fd = file_open(name, false);
    if (fd < 0)
        return -EBADMSG;
    status = file_read_all(fd, &b);
    file_close(fd);
    if (status == 0)
        status = index_take(s, &b);
    free(b.data);
    return status;
}

uint64_t segment_seek(const struct segment *s, uint64_t lsn)
{
    size_t low = 0, high = s->index_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->index[middle].lsn <= lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : s->index[low - 1].at;
}

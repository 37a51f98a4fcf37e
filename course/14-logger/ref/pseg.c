#include "pseg.h"

#include "crc32c.h"
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAGIC = 0x74726170,
    INDEX_HEAD = 44,
    INDEX_ENTRY = 24,
    CHUNK_FIRST = 8 << 10,
    CHUNK = 16 << 10
};

void pseg_name(unsigned part, uint64_t base, const char *ending, char name[64])
{
    snprintf(name, 64, "p%u.%020llu.%s", part, (unsigned long long)base, ending);
}

void pseg_head(uint64_t base, uint64_t covers, struct bytes *out)
{
    size_t at = out->len;

    bytes_add_u32(out, 0);
    bytes_add_u32(out, MAGIC);
    bytes_add_u64(out, base);
    bytes_add_u64(out, covers);
    put_u32(out->data + at, crc32c(out->data + at + 4, PSEG_HEAD - 4));
}

static int head_write(const struct pseg *s)
{
    struct bytes b = {0};
    int status;

    pseg_head(s->base, s->covers, &b);
    status = file_write(s->fd, 0, b.data, b.len);
    free(b.data);
    return status;
}

int pseg_create(struct pseg *s, unsigned part, uint64_t base)
{
    char name[64];
    int status;

    pseg_name(part, base, "seg", name);
    *s = (struct pseg){.part = part, .base = base, .end = base, .size = PSEG_HEAD};
    s->fd = file_open(name, true);
    if (s->fd < 0)
        return s->fd;
    status = file_cut(s->fd, 0); /* what an attempt that failed has left */
    if (status == 0)
        status = head_write(s);
    if (status < 0)
        file_close(s->fd);
    return status;
}

int pseg_open(struct pseg *s, unsigned part, uint64_t base)
{
    char name[64], head[PSEG_HEAD];
    size_t len;
    int status;

    pseg_name(part, base, "seg", name);
    *s = (struct pseg){.part = part, .base = base, .end = base, .size = PSEG_HEAD};
    s->fd = file_open(name, false);
    if (s->fd < 0)
        return s->fd;
    status = file_read(s->fd, 0, head, sizeof(head), &len);
    if (status < 0)
        return status;
    if (len == PSEG_HEAD && get_u32(head) == crc32c(head + 4, PSEG_HEAD - 4) &&
        get_u64(head + 8) == base) {
        s->covers = get_u64(head + 16);
        return 0;
    }
    /* Torn while it was made: nothing in it was ever synced. */
    status = file_cut(s->fd, 0);
    return status < 0 ? status : head_write(s);
}

void pseg_close(struct pseg *s)
{
    file_close(s->fd);
    free(s->index);
}

void pseg_remove(struct pseg *s)
{
    char name[64];

    pseg_name(s->part, s->base, "six", name);
    folder_remove(name);
    pseg_name(s->part, s->base, "seg", name);
    folder_remove(name);
    pseg_close(s);
}

/* The index */

static void index_add(struct pseg *s, struct pseg_entry e)
{
    if (s->index_count == s->index_cap) {
        s->index_cap = 2 * s->index_cap + 16;
        s->index = must_alloc(s->index, s->index_cap * sizeof(*s->index));
    }
    s->index[s->index_count++] = e;
}

void pseg_note(struct pseg *s, const struct item *it)
{
    const struct pseg_entry *last = s->index_count == 0 ? NULL : &s->index[s->index_count - 1];

    if (last == NULL || last->epoch != it->epoch || s->size - last->at >= PSEG_INDEX_EVERY)
        index_add(s, (struct pseg_entry){it->offset, it->ms, it->epoch, (uint32_t)s->size});
    s->size += item_size(it);
    s->end = it->offset + 1;
    s->last_ms = it->ms;
}

void pseg_forget(struct pseg *s, uint64_t offset, uint64_t at)
{
    while (s->index_count > 0 && s->index[s->index_count - 1].offset >= offset)
        s->index_count--;
    s->size = at;
    s->end = offset;
}

uint64_t pseg_seek(const struct pseg *s, uint64_t offset)
{
    size_t low = 0, high = s->index_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->index[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? PSEG_HEAD : s->index[low - 1].at;
}

uint64_t pseg_seek_time(const struct pseg *s, uint64_t ms)
{
    uint64_t at = PSEG_HEAD;

    for (size_t i = 0; i < s->index_count && s->index[i].ms < ms; i++)
        at = s->index[i].at;
    return at;
}

int pseg_index_save(const struct pseg *s)
{
    struct bytes b = {0};
    char name[64];
    int fd, status;

    bytes_add_u32(&b, 0);
    bytes_add_u64(&b, s->base);
    bytes_add_u64(&b, s->end);
    bytes_add_u64(&b, s->size);
    bytes_add_u64(&b, s->last_ms);
    bytes_add_u64(&b, s->covers);
    for (size_t i = 0; i < s->index_count; i++) {
        bytes_add_u64(&b, s->index[i].offset);
        bytes_add_u64(&b, s->index[i].ms);
        bytes_add_u32(&b, s->index[i].epoch);
        bytes_add_u32(&b, s->index[i].at);
    }
    put_u32(b.data, crc32c(b.data + 4, b.len - 4));
    pseg_name(s->part, s->base, "six", name);
    fd = file_open(name, true);
    status = fd < 0 ? fd : file_cut(fd, 0);
    if (status == 0)
        status = file_write(fd, 0, b.data, b.len);
    file_close(fd);
    free(b.data);
    return status;
}

static int index_take(struct pseg *s, const struct bytes *b)
{
    uint64_t size;
    int status = file_size(s->fd, &size);

    if (status < 0)
        return status;
    if (b->len < INDEX_HEAD || (b->len - INDEX_HEAD) % INDEX_ENTRY != 0 ||
        get_u32(b->data) != crc32c(b->data + 4, b->len - 4) || get_u64(b->data + 4) != s->base ||
        get_u64(b->data + 20) != size || get_u64(b->data + 36) != s->covers)
        return -EBADMSG;
    s->end = get_u64(b->data + 12);
    s->size = size;
    s->last_ms = get_u64(b->data + 28);
    s->index_count = 0;
    for (const char *p = b->data + INDEX_HEAD; p < b->data + b->len; p += INDEX_ENTRY)
        index_add(
            s, (struct pseg_entry){get_u64(p), get_u64(p + 8), get_u32(p + 16), get_u32(p + 20)});
    return 0;
}

int pseg_index_load(struct pseg *s)
{
    struct bytes b = {0};
    char name[64];
    int fd, status;

    pseg_name(s->part, s->base, "six", name);
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

/* Items */

int pseg_read(const struct pseg *s, uint64_t at, item_fn fn, void *owner, bool *ret_more)
{
    size_t want = CHUNK_FIRST;
    char *buffer = NULL;
    int status = 0;

    *ret_more = true;
    while (at < s->size && status == 0 && *ret_more) {
        size_t len, room = want < s->size - at ? want : s->size - at;
        struct slice rest;
        struct item it;

        buffer = must_alloc(buffer, room);
        status = file_read(s->fd, at, buffer, room, &len);
        if (status < 0)
            break;
        rest = (struct slice){buffer, len};
        while (*ret_more && item_next(&rest, &it))
            *ret_more = fn(owner, &it);
        at += len - rest.len;
        want = CHUNK;
        /* Nothing taken: the item is longer than the chunk, or it is damaged. */
        if (*ret_more && rest.len == len) {
            want = item_claim(rest);
            if (want <= len || want > s->size - at)
                status = -EBADMSG;
        }
    }
    free(buffer);
    return status;
}

int pseg_scan(struct pseg *s, uint64_t *ret_whole)
{
    struct bytes b = {0};
    struct slice rest;
    struct item it;
    int status = file_read_all(s->fd, &b);

    s->size = PSEG_HEAD;
    s->end = s->base;
    s->last_ms = 0;
    s->index_count = 0;
    if (status == 0 && b.len > PSEG_HEAD) {
        rest = (struct slice){b.data + PSEG_HEAD, b.len - PSEG_HEAD};
        while (item_next(&rest, &it) && it.offset >= s->end)
            pseg_note(s, &it);
    }
    *ret_whole = s->size;
    free(b.data);
    return status;
}

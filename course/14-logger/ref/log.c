/* log.c - one open segment at the end, sealed ones before it.
 *
 * Recovery. Only the last segment can hold what was never acknowledged: a new one is begun after
 * the old one was synced. Where its undamaged records end there is either a torn tail or rot. It is
 * rot if any record, before or behind, says that the damaged one was durable when it was written;
 * then the log is only read from now on. Else it is cut off. What is left but not proven is written
 * once more in place before the sync: after a failed fsync the page cache may show, as clean, bytes
 * that never reached the disk, and a sync would do nothing (Rebello et al. 2020).
 *
 * A failed write or sync leaves an end that cannot be trusted. The file is cut back to what is
 * known to be good; until that has succeeded nothing can be appended. */
#include "log.h"

#include "file.h"
#include "node.h"
#include "segment.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_FIRST = 8 << 10, CHUNK = 64 << 10 };

static struct log_config config;
static struct segment *segments;
static size_t segment_count;
static uint64_t durable_lsn, durable_size; /* size: bytes of the last segment */
static uint64_t corrupt_at;
static bool is_end_dirty; /* bytes beyond the last segment's size may be in its file */

static struct segment *last_segment(void)
{
    return &segments[segment_count - 1];
}

uint64_t log_first(void)
{
    return segments[0].first;
}

uint64_t log_last(void)
{
    return last_segment()->last;
}

uint64_t log_durable(void)
{
    return durable_lsn;
}

uint64_t log_corrupt_at(void)
{
    return corrupt_at;
}

uint64_t log_kept_bytes(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < segment_count; i++)
        sum += segments[i].size;
    return sum;
}

static void damage(uint64_t lsn)
{
    if (corrupt_at == 0 || lsn < corrupt_at)
        corrupt_at = lsn;
}

static void must(int status, const char *what)
{
    if (status < 0) {
        node_log("log: %s: %s", what, strerror(-status));
        exit(1);
    }
}

/* Segments */

static void segment_push(uint64_t first, int fd)
{
    segments = must_alloc(segments, (segment_count + 1) * sizeof(*segments));
    segments[segment_count++] = (struct segment){
        .fd = fd,
        .first = first,
        .last = first - 1,
        .index_every = config.index_every,
    };
}

static int segment_begin(uint64_t first)
{
    char name[64];
    int fd, status;

    segment_name(first, name);
    fd = file_open(name, true);
    if (fd < 0)
        return fd;
    status = folder_sync();
    if (status < 0) {
        file_close(fd);
        folder_remove(name);
        return status;
    }
    segment_push(first, fd);
    durable_size = 0;
    return 0;
}

int log_roll(void)
{
    struct segment *s = last_segment();
    int status;

    if (s->last < s->first)
        return 0; /* empty: nothing to seal */
    status = log_sync_keeping();
    if (status < 0)
        return status;
    segment_index_save(s); /* if that fails, the next start makes it again */
    return segment_begin(s->last + 1);
}

int log_forget(uint64_t lsn)
{
    size_t count = 0;
    char name[64];

    while (count + 1 < segment_count && segments[count + 1].first <= lsn) {
        segment_name(segments[count].first, name);
        folder_remove(name);
        segment_index_name(segments[count].first, name);
        folder_remove(name);
        segment_close(&segments[count++]);
    }
    if (count == 0)
        return 0;
    segment_count -= count;
    memmove(segments, segments + count, segment_count * sizeof(*segments));
    return folder_sync();
}

/* Recovery */

static void found(void *owner, const char *name)
{
    unsigned long long first;
    char suffix[8] = "";

    (void)owner;
    if (sscanf(name, "%20llu.%7s", &first, suffix) == 2 && strcmp(suffix, "log") == 0) {
        int fd = file_open(name, false);

        must(fd, name);
        segment_push(first, fd);
    }
}

static int by_first(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* A sealed segment must reach to where the next one begins. */
static void recover_sealed(struct segment *s, uint64_t next_first)
{
    struct segment_scan scan;

    if (segment_index_load(s) == 0 && s->last + 1 == next_first)
        return;
    must(segment_scan(s, &scan), "read");
    if (s->last + 1 == next_first)
        segment_index_save(s);
    else
        damage(s->last + 1);
}

/* A segment whose beginning has failed may leave an empty file, and the one before it went on. Its
 * removal was not synced, so it may be back. */
static void drop_strays(void)
{
    for (size_t i = segment_count - 1; i > 0; i--) {
        struct segment_scan scan;
        uint64_t size;
        char name[64];

        must(file_size(segments[i].fd, &size), "size");
        if (size > 0)
            continue;
        if (i + 1 == segment_count) {
            must(segment_scan(&segments[i - 1], &scan), "read");
            if (segments[i - 1].last < segments[i].first)
                continue; /* it begins where the one before it ends */
        }
        segment_name(segments[i].first, name);
        folder_remove(name);
        segment_close(&segments[i]);
        memmove(segments + i, segments + i + 1, (--segment_count - i) * sizeof(*segments));
    }
}

static void rewrite_from(struct segment *s, uint64_t at)
{
    size_t len = s->size - at, done = 0;
    char *copy = must_alloc(NULL, len);

    must(file_read(s->fd, at, copy, len, &done), "read");
    must(file_write(s->fd, at, copy, done), "write");
    free(copy);
}

static void recover_last(struct segment *s)
{
    struct segment_scan scan;

    must(segment_scan(s, &scan), "read");
    if (scan.proven > s->last) {
        damage(s->last + 1);
        s->last = scan.proven;
        return;
    }
    if (scan.size > scan.whole)
        must(file_cut(s->fd, scan.whole), "cut");
    if (scan.whole > scan.proven_at)
        rewrite_from(s, scan.proven_at);
    must(file_sync(s->fd), "sync");
    durable_size = s->size;
}

void log_open(const struct log_config *c)
{
    config = *c;
    folder_list(found, NULL);
    if (segment_count == 0)
        must(segment_begin(1), "create");
    qsort(segments, segment_count, sizeof(*segments), by_first);
    drop_strays();
    /* A crash may have come while they were removed, and some of them may be back without others: a
     * gap there is no damage. */
    must(log_forget(config.from), "forget");
    for (size_t i = 0; i + 1 < segment_count; i++)
        recover_sealed(&segments[i], segments[i + 1].first);
    recover_last(last_segment());
    must(folder_sync(), "sync"); /* names that were made before a kill */
    durable_lsn = log_last();
}

/* Append */

static int end_clean(void)
{
    struct segment *s = last_segment();
    int status = 0;

    if (is_end_dirty)
        status = file_cut(s->fd, s->size);
    if (status == 0)
        is_end_dirty = false;
    return status;
}

int log_append(struct slice data, uint64_t *ret_lsn)
{
    struct record r = {.lsn = log_last() + 1, .durable = durable_lsn, .data = data};
    struct bytes b = {0};
    struct segment *s;
    int status;

    if (corrupt_at != 0)
        return -EBADMSG;
    status = end_clean();
    if (status == 0 && last_segment()->size + record_size(&r) > config.segment_bytes)
        status = log_roll();
    if (status < 0)
        return status;
    s = last_segment();
    r.durable = durable_lsn;
    record_write(&r, &b);
    is_end_dirty = true;
    status = file_write(s->fd, s->size, b.data, b.len);
    free(b.data);
    if (status < 0) {
        end_clean();
        return status;
    }
    is_end_dirty = false;
    segment_note(s, r.lsn, record_size(&r));
    *ret_lsn = r.lsn;
    return 0;
}

int log_sync_keeping(void)
{
    struct segment *s = last_segment();
    int status;

    if (durable_lsn == log_last())
        return 0;
    status = file_sync(s->fd);
    if (status < 0) {
        rewrite_from(s, durable_size); /* dirty again, or the next sync has nothing to do */
        return status;
    }
    durable_lsn = s->last;
    durable_size = s->size;
    return 0;
}

int log_sync(void)
{
    struct segment *s = last_segment();
    int status;

    if (durable_lsn == log_last())
        return 0;
    status = file_sync(s->fd);
    if (status == 0) {
        durable_lsn = s->last;
        durable_size = s->size;
        return 0;
    }
    s->last = durable_lsn;
    s->size = durable_size;
    while (s->index_count > 0 && s->index[s->index_count - 1].at >= s->size)
        s->index_count--;
    is_end_dirty = true;
    end_clean();
    return status;
}

/* Read */

struct reader {
    struct segment *segment;
    char *buffer;
    size_t len, cap;
    uint64_t at; /* of buffer in the file */
};

/* Makes the record at this place whole in the buffer, if the file has it. */
static int reader_fill(struct reader *r, uint64_t at, size_t chunk, struct record *ret_record)
{
    size_t want, skip = at - r->at;
    int status;

    if (skip <= r->len && record_read(r->buffer + skip, r->len - skip, ret_record))
        return 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        want = attempt == 0 ? chunk : record_claim(r->buffer, r->len);
        if (want > RECORD_HEAD + RECORD_DATA_MAX)
            break;
        if (want > r->segment->size - at)
            want = r->segment->size - at;
        if (want > r->cap) {
            r->cap = want;
            r->buffer = must_alloc(r->buffer, r->cap);
        }
        r->at = at;
        status = file_read(r->segment->fd, at, r->buffer, want, &r->len);
        if (status < 0)
            return status;
        if (record_read(r->buffer, r->len, ret_record))
            return 0;
    }
    return -EBADMSG;
}

static struct segment *segment_of(uint64_t lsn)
{
    size_t i = segment_count - 1;

    while (i > 0 && segments[i].first > lsn)
        i--;
    return &segments[i];
}

/* One segment, from lsn on; *ret_next: the first that was not shown. */
static int segment_read(struct segment *s, uint64_t lsn, log_fn fn, void *owner, uint64_t *ret_next)
{
    struct reader reader = {.segment = s};
    uint64_t at = segment_seek(s, lsn), expected = 0;
    bool goes_on = true;
    int status = 0;

    reader.at = at;
    *ret_next = lsn;
    while (goes_on && *ret_next <= s->last && (corrupt_at == 0 || *ret_next < corrupt_at)) {
        struct record r;

        status = reader_fill(&reader, at, expected == 0 ? CHUNK_FIRST : CHUNK, &r);
        if (status == 0 && (expected == 0 ? r.lsn > lsn : r.lsn != expected))
            status = -EBADMSG;
        if (status == -EBADMSG)
            damage(expected > lsn ? expected : lsn);
        if (status < 0)
            break;
        at += record_size(&r);
        expected = r.lsn + 1;
        if (r.lsn < lsn)
            continue;
        goes_on = fn(owner, &r);
        *ret_next = r.lsn + 1;
    }
    free(reader.buffer);
    if (!goes_on)
        *ret_next = UINT64_MAX;
    return status;
}

int log_read(uint64_t lsn, log_fn fn, void *owner)
{
    if (lsn < log_first())
        lsn = log_first();
    while (lsn <= log_last() && (corrupt_at == 0 || lsn < corrupt_at)) {
        int status = segment_read(segment_of(lsn), lsn, fn, owner, &lsn);

        if (status < 0)
            return status;
    }
    return corrupt_at != 0 && lsn >= corrupt_at && lsn != UINT64_MAX ? -EBADMSG : 0;
}

/* snapshot.c - the file is `crc u32 | lsn u64 | ops`, crc over all behind it.
 *
 * Order: write all of snapshot.tmp; sync it; rename; sync the folder; only then may the log go. A
 * snapshot.tmp that is found at start was never finished and is removed. */
#include "snapshot.h"

#include "crc32c.h"
#include "file.h"
#include "node.h"
#include "ops.h"

#include <errno.h>
#include <stdlib.h>

enum { HEAD = 12, STEP_BYTES = 16 << 10, STEP_MS = 1 };

static const char live[] = "snapshot", beside[] = "snapshot.tmp";

static struct {
    struct bytes frozen;
    uint64_t lsn;
    size_t written;
    int fd;
    void (*done)(int status, uint64_t lsn, uint64_t bytes);
} work;

static bool take(const struct bytes *b, struct skiplist *map, uint64_t *ret_lsn)
{
    struct slice rest = {b->data + HEAD, b->len - HEAD};
    struct op op;

    if (b->len < HEAD || get_u32(b->data) != crc32c(b->data + 4, b->len - 4))
        return false;
    *ret_lsn = get_u64(b->data + 4);
    while (op_next(&rest, &op))
        skiplist_put(map, &(struct entry){.key = op.key, .value = op.value});
    return rest.len == 0;
}

int snapshot_load(struct skiplist *map, uint64_t *ret_lsn)
{
    struct bytes b = {0};
    int fd = file_open(live, false), status;

    folder_remove(beside);
    *ret_lsn = 0;
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    status = file_read_all(fd, &b);
    file_close(fd);
    if (status == 0 && !take(&b, map, ret_lsn))
        status = -EBADMSG;
    free(b.data);
    return status;
}

static void end(int status)
{
    struct bytes frozen = work.frozen;

    file_close(work.fd);
    work.frozen = (struct bytes){0};
    if (status < 0)
        folder_remove(beside);
    free(frozen.data);
    work.done(status, work.lsn, frozen.len);
}

static void make_current(void *owner)
{
    int status = folder_rename(beside, live);

    (void)owner;
    if (status == 0)
        status = folder_sync();
    end(status);
}

static void step(void *owner)
{
    size_t len = work.frozen.len - work.written;
    int status;

    (void)owner;
    if (len == 0) {
        status = file_sync(work.fd);
        if (status < 0)
            end(status);
        else
            node_after(STEP_MS, make_current, NULL);
        return;
    }
    if (len > STEP_BYTES)
        len = STEP_BYTES;
    status = file_write(work.fd, work.written, work.frozen.data + work.written, len);
    if (status < 0) {
        end(status);
        return;
    }
    work.written += len;
    node_after(STEP_MS, step, NULL);
}

static void freeze(const struct skiplist *map, uint64_t lsn)
{
    const struct skipnode *n = skiplist_seek(map, (struct slice){"", 0}, UINT64_MAX);

    bytes_add_u32(&work.frozen, 0);
    bytes_add_u64(&work.frozen, lsn);
    for (; n != NULL; n = skiplist_next(n)) {
        const struct entry *e = skiplist_entry(n);

        op_add(&work.frozen, &(struct op){.key = e->key, .value = e->value});
    }
    put_u32(work.frozen.data, crc32c(work.frozen.data + 4, work.frozen.len - 4));
}

void snapshot_begin(const struct skiplist *map, uint64_t lsn,
                    void (*done)(int status, uint64_t lsn, uint64_t bytes))
{
    work.lsn = lsn;
    work.written = 0;
    work.done = done;
    freeze(map, lsn);
    work.fd = file_open(beside, true);
    if (work.fd < 0)
        end(work.fd);
    else
        node_after(STEP_MS, step, NULL);
}

/* manifest.c - the file `manifest`: `crc u32 | flushed_lsn u64 | next_number u64 | next_run u64`,
 * then for each table `number u64 | level u32 | run u64`. */
#include "manifest.h"

#include "crc32c.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>

enum { HEAD = 28, TABLE = 20 };

static void take(struct manifest *m, const struct bytes *b)
{
    m->flushed_lsn = get_u64(b->data + 4);
    m->next_number = get_u64(b->data + 12);
    m->next_run = get_u64(b->data + 20);
    m->count = (b->len - HEAD) / TABLE;
    m->tables = must_alloc(NULL, m->count * sizeof(*m->tables));
    for (size_t i = 0; i < m->count; i++) {
        const char *at = b->data + HEAD + TABLE * i;

        m->tables[i].number = get_u64(at);
        m->tables[i].level = get_u32(at + 8);
        m->tables[i].run = get_u64(at + 12);
    }
}

int manifest_load(struct manifest *ret_manifest)
{
    struct bytes b = {0};
    int fd = file_open("manifest", false), status;

    folder_remove("manifest.tmp");
    *ret_manifest = (struct manifest){0};
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    status = file_read_all(fd, &b);
    file_close(fd);
    if (status == 0 && (b.len < HEAD || get_u32(b.data) != crc32c(b.data + 4, b.len - 4)))
        status = -EBADMSG;
    if (status == 0)
        take(ret_manifest, &b);
    free(b.data);
    return status;
}

int manifest_store(const struct manifest *m)
{
    struct bytes b = {0};
    int status;

    bytes_add_u32(&b, 0);
    bytes_add_u64(&b, m->flushed_lsn);
    bytes_add_u64(&b, m->next_number);
    bytes_add_u64(&b, m->next_run);
    for (size_t i = 0; i < m->count; i++) {
        bytes_add_u64(&b, m->tables[i].number);
        bytes_add_u32(&b, m->tables[i].level);
        bytes_add_u64(&b, m->tables[i].run);
    }
    put_u32(b.data, crc32c(b.data + 4, b.len - 4));
    status = file_replace("manifest", b.data, b.len);
    free(b.data);
    return status;
}

/* manifest.c - `crc u32 | flushed_lsn u64 | next_number u64 | numbers u64...` in the file
 * `manifest`. */
#include "manifest.h"

#include "crc32c.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>

enum { HEAD = 20 };

int manifest_load(struct manifest *ret_manifest)
{
    struct manifest m = {0};
    struct bytes b = {0};
    int fd = file_open("manifest", false), status;

    folder_remove("manifest.tmp");
    *ret_manifest = m;
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    status = file_read_all(fd, &b);
    file_close(fd);
    if (status == 0 && (b.len < HEAD || get_u32(b.data) != crc32c(b.data + 4, b.len - 4)))
        status = -EBADMSG;
    if (status == 0) {
        m.flushed_lsn = get_u64(b.data + 4);
        m.next_number = get_u64(b.data + 12);
        m.count = (b.len - HEAD) / 8;
        m.numbers = must_alloc(NULL, m.count * sizeof(*m.numbers));
        for (size_t i = 0; i < m.count; i++)
            m.numbers[i] = get_u64(b.data + HEAD + 8 * i);
        *ret_manifest = m;
    }
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
    for (size_t i = 0; i < m->count; i++)
        bytes_add_u64(&b, m->numbers[i]);
    put_u32(b.data, crc32c(b.data + 4, b.len - 4));
    status = file_replace("manifest", b.data, b.len);
    free(b.data);
    return status;
}

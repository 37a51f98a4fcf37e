/* journal.c - the file `journal`: `crc u32 | count u32 | pages`. crc is over all behind it.
 *
 * A page of 4 KiB is eight sectors, and a loss of power can leave some of them new and some old. No
 * record that says "insert k here" can repair that; the whole page can. So pages are written twice:
 * first here, synced, then in place, synced. The journal is either whole, then the pages are
 * written from it again, or it is not, then none of them has been touched. */
#include "journal.h"

#include "crc32c.h"
#include "file.h"

#include <errno.h>
#include <stdlib.h>

enum { HEAD = 8 };

static int journal = -1;

int journal_open(void)
{
    journal = file_open("journal", true);
    return journal < 0 ? journal : folder_sync();
}

int journal_write(const char *images, size_t count)
{
    struct bytes b = {0};
    int status;

    bytes_add_u32(&b, 0);
    bytes_add_u32(&b, (uint32_t)count);
    bytes_add(&b, images, count * PAGE_BYTES);
    put_u32(b.data, crc32c(b.data + 4, b.len - 4));
    status = file_write(journal, 0, b.data, b.len);
    if (status == 0)
        status = file_sync(journal);
    free(b.data);
    return status;
}

static int write_pages(int fd, const char *images, size_t count)
{
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        const char *p = images + i * PAGE_BYTES;

        status = file_write(fd, (uint64_t)page_id(p) * PAGE_BYTES, p, PAGE_BYTES);
    }
    return status == 0 ? file_sync(fd) : status;
}

int journal_apply(int fd)
{
    struct bytes b = {0};
    int status = file_read_all(journal, &b);
    size_t count = b.len < HEAD ? 0 : get_u32(b.data + 4);

    if (status == 0 && count > 0 && count <= (b.len - HEAD) / PAGE_BYTES &&
        get_u32(b.data) == crc32c(b.data + 4, HEAD - 4 + count * PAGE_BYTES))
        status = write_pages(fd, b.data + HEAD, count);
    free(b.data);
    return status;
}

int journal_clear(void)
{
    int status = file_cut(journal, 0);

    return status < 0 ? status : file_sync(journal);
}

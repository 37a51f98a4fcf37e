#include "record.h"

#include "crc32c.h"

void record_write(const struct record *r, struct bytes *out)
{
    size_t at = out->len;

    bytes_add_u32(out, 0);
    bytes_add_u32(out, (uint32_t)r->data.len);
    bytes_add_u64(out, r->lsn);
    bytes_add_u64(out, r->durable);
    bytes_add(out, r->data.data, r->data.len);
    put_u32(out->data + at, crc32c(out->data + at + 4, record_size(r) - 4));
}

size_t record_claim(const char *bytes, size_t len)
{
    return len < RECORD_HEAD ? 0 : RECORD_HEAD + (size_t)get_u32(bytes + 4);
}

bool record_read(const char *bytes, size_t len, struct record *ret_record)
{
    size_t size = record_claim(bytes, len);
    struct record r;

    /* The length is not trusted before it has been held against what there is. */
    if (size == 0 || size > len || size > RECORD_HEAD + RECORD_DATA_MAX)
        return false;
    r.lsn = get_u64(bytes + 8);
    r.durable = get_u64(bytes + 16);
    r.data = (struct slice){.data = bytes + RECORD_HEAD, .len = size - RECORD_HEAD};
    if (r.lsn == 0 || r.durable >= r.lsn)
        return false;
    if (get_u32(bytes) != crc32c(bytes + 4, size - 4))
        return false;
    *ret_record = r;
    return true;
}

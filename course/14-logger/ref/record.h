/* record.h - how one record lies in a file.
 *
 *     crc u32 | len u32 | lsn u64 | durable u64 | data
 *
 * crc is over everything behind it. durable is the highest lsn that was known to be on the disk
 * when this record was written: the one thing that tells rot from a torn tail afterwards. */
#ifndef LOGGER_RECORD_H
#define LOGGER_RECORD_H

#include "bytes.h"

#include <stdbool.h>

enum { RECORD_HEAD = 24, RECORD_DATA_MAX = 1 << 20 };

struct record {
    uint64_t lsn, durable;
    struct slice data;
};

void record_write(const struct record *r, struct bytes *out);
static inline size_t record_size(const struct record *r)
{
    return RECORD_HEAD + r->data.len;
}

/* Bytes that the record at the front of these claims to have; 0 if there is not even a head.
 * To be believed only as far as reading more goes: nothing has been checked. */
size_t record_claim(const char *bytes, size_t len);
/* Whether a whole, undamaged record begins at bytes. ret_record->data points into bytes. */
bool record_read(const char *bytes, size_t len, struct record *ret_record);

#endif

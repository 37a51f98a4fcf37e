/* item.h - one message of a partition, as it lies in a file and goes from replica to replica.
 *
 *     crc u32 | len u32 | offset u64 | ms u64 | epoch u32 | payload
 *
 * crc is over everything behind it. ms: when it was appended, by the wall clock, never less than
 * that of the item before. epoch: of the leader that gave it its offset. payload: JSON text. */
#ifndef LOGGER_ITEM_H
#define LOGGER_ITEM_H

#include "bytes.h"

#include <stdbool.h>

enum { ITEM_HEAD = 28, ITEM_PAYLOAD_MAX = 1 << 20 };

struct item {
    uint64_t offset, ms;
    uint32_t epoch;
    struct slice payload;
};

void item_write(const struct item *it, struct bytes *out);
static inline size_t item_size(const struct item *it)
{
    return ITEM_HEAD + it->payload.len;
}

/* Bytes that the item at the front claims to have; 0: not even a head. Nothing has been checked. */
size_t item_claim(struct slice from);
/* Takes a whole, undamaged item off the front; ret_item->payload points into from. */
bool item_next(struct slice *from, struct item *ret_item);

#endif

#include "item.h"

#include "crc32c.h"

void item_write(const struct item *it, struct bytes *out)
{
    size_t at = out->len;

    bytes_add_u32(out, 0);
    bytes_add_u32(out, (uint32_t)it->payload.len);
    bytes_add_u64(out, it->offset);
    bytes_add_u64(out, it->ms);
    bytes_add_u32(out, it->epoch);
    bytes_add(out, it->payload.data, it->payload.len);
    put_u32(out->data + at, crc32c(out->data + at + 4, item_size(it) - 4));
}

size_t item_claim(struct slice from)
{
    return from.len < ITEM_HEAD ? 0 : ITEM_HEAD + (size_t)get_u32(from.data + 4);
}

bool item_next(struct slice *from, struct item *ret_item)
{
    size_t size = item_claim(*from);

    if (size == 0 || size > from->len || size > ITEM_HEAD + ITEM_PAYLOAD_MAX)
        return false;
    if (get_u32(from->data) != crc32c(from->data + 4, size - 4))
        return false;
    *ret_item = (struct item){
        .offset = get_u64(from->data + 8),
        .ms = get_u64(from->data + 16),
        .epoch = get_u32(from->data + 24),
        .payload = {from->data + ITEM_HEAD, size - ITEM_HEAD},
    };
    from->data += size;
    from->len -= size;
    return true;
}

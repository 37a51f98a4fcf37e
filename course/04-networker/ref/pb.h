/* pb.h - the wire format of Protocol Buffers: fields with a number, a type and a value.
 *
 *     field = key value      key = number << 3 | type, as a varint
 *     type 0 varint   1 eight bytes   2 length and bytes   5 four bytes
 *
 * Types 3 and 4 (groups) are not taken. */
#ifndef NETWORKER_PB_H
#define NETWORKER_PB_H

#include "table.h"

#include <stdbool.h>
#include <stdint.h>

struct buffer;

enum pb_type { PB_VARINT = 0, PB_EIGHT = 1, PB_BYTES = 2, PB_FOUR = 5 };

struct pb_reader {
    const unsigned char *at, *end;
    bool broken; /* what came was no field; nothing more is read */
};

struct pb_field {
    uint32_t number;
    enum pb_type type;
    uint64_t varint;    /* PB_VARINT */
    struct bytes bytes; /* PB_BYTES */
    struct bytes whole; /* key and value as they came, for those who only pass it on */
};

struct pb_reader pb_read(struct bytes message);
bool pb_next(struct pb_reader *r, struct pb_field *ret_field); /* false: the end, or broken */
bool pb_next_varint(struct pb_reader *r, uint64_t *ret_n);     /* without a key: packed lists */

int64_t pb_unzigzag(uint64_t n);
uint64_t pb_zigzag(int64_t n);

void pb_put_varint(struct buffer *out, uint64_t n);
void pb_put_number(struct buffer *out, uint32_t number, uint64_t n);        /* not if it is 0 */
void pb_put_bytes(struct buffer *out, uint32_t number, struct bytes bytes); /* even if empty */
void pb_put_bytes_if_any(struct buffer *out, uint32_t number, struct bytes bytes);

#endif

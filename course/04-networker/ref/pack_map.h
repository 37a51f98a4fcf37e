/* pack_map.h - maps of MessagePack, to look things up in and to write: what a protocol needs whose
 * messages are small records with names. */
#ifndef NETWORKER_PACK_MAP_H
#define NETWORKER_PACK_MAP_H

#include "buffer.h"
#include "table.h"

#include <stdbool.h>
#include <stdint.h>

enum pack_kind { PACK_NONE, PACK_NIL, PACK_INT, PACK_TEXT, PACK_LIST, PACK_MAP, PACK_OTHER };

struct pack_value {
    enum pack_kind kind; /* PACK_NONE: there is no such value */
    int64_t number;      /* PACK_INT */
    struct bytes text;   /* PACK_TEXT: the text; PACK_LIST, PACK_MAP: the bytes of what is inside */
    uint64_t count;      /* PACK_LIST: of values; PACK_MAP: of pairs */
};

/* One whole value, in its shortest form, which is kept in *memory as long as it is looked at.
 * PACK_NONE: the bytes are no value. */
struct pack_value pack_open(const unsigned char *bytes, size_t len, struct buffer *memory);

/* What stands under this name; what is no map has nothing in it. */
struct pack_value pack_get(struct pack_value map, const char *key);

/* The values of a list, one after the other: takes the first out of it. */
struct pack_value pack_take(struct pack_value *list);

bool pack_is_text(struct pack_value v, const char *text);

void pack_put_map(struct buffer *out, int count); /* at most 15 pairs, which come next */
void pack_put_list(struct buffer *out, int count);
void pack_put_text(struct buffer *out, struct bytes text);
void pack_put_name(struct buffer *out, const char *name); /* a text that we know */
void pack_put_small(struct buffer *out, int number);      /* 0 to 127 */
void pack_put_true(struct buffer *out);

#endif

/* pack.h - MessagePack: one value, read and written anew in its shortest form. */
#ifndef NETWORKER_PACK_H
#define NETWORKER_PACK_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

enum { PACK_DEPTH_MAX = 512 };

/* Adds the value to out. False: the bytes are no value, or more than one; out may then hold a part.
 */
bool pack_shorten(const unsigned char *bytes, size_t len, struct buffer *out);

#endif

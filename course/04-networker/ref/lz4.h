/* lz4.h - the LZ4 block format: literals, and copies of what came before. */
#ifndef NETWORKER_LZ4_H
#define NETWORKER_LZ4_H

#include <stdbool.h>
#include <stddef.h>

/* Writes exactly original_len bytes to out, or says that the block does not make so many. Reads and
 * writes nothing outside of the two. */
bool lz4_expand(const unsigned char *block, size_t len, unsigned char *out, size_t original_len);

/* The length of the block; 0 if it does not fit into room bytes. */
size_t lz4_compress(const unsigned char *bytes, size_t len, unsigned char *block, size_t room);

#endif

/* huffman.h - the Huffman code of HPACK (RFC 7541, appendix B). */
#ifndef NETWORKER_HUFFMAN_H
#define NETWORKER_HUFFMAN_H

#include <stdbool.h>
#include <stddef.h>

struct buffer;

/* Adds the text; false: these bytes are no code. */
bool huffman_decode(const unsigned char *code, size_t len, struct buffer *out);

#endif

/* huffman.c - decoding, bit by bit.
 *
 * The code is canonical: codes of one length are consecutive numbers, in the order of their
 * symbols, and the shorter come before the longer. So the lengths say everything: the first code of
 * each length follows from those before, and a code is found by its distance from the first. */
#include "huffman.h"

#include "buffer.h"

#include <stdint.h>

enum { SYMBOLS = 257, EOS = 256, LENGTH_MAX = 30 };

/* The length of each symbol's code in bits; the last is the end of string. */
static const unsigned char lengths[SYMBOLS] = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,
    5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,
    7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8,  13, 19, 13, 14, 6,
    15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,  5,  6,  7,  7,
    7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21,
    23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24,
    21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30};

static struct {
    uint32_t first[LENGTH_MAX + 1]; /* the first code of this length */
    int count[LENGTH_MAX + 1], start[LENGTH_MAX + 1];
    uint16_t symbols[SYMBOLS]; /* by length, then by symbol; those of a length begin at start */
    bool made;
} code;

static void make_code(void)
{
    uint32_t next = 0;
    int place = 0;

    for (int len = 1; len <= LENGTH_MAX; len++) {
        next <<= 1;
        code.first[len] = next;
        code.start[len] = place;
        for (int s = 0; s < SYMBOLS; s++) {
            if (lengths[s] == len)
                code.symbols[place++] = (uint16_t)s;
        }
        code.count[len] = place - code.start[len];
        next += (uint32_t)code.count[len];
    }
    code.made = true;
}

bool huffman_decode(const unsigned char *bytes, size_t len, struct buffer *out)
{
    uint32_t bits = 0; /* read and not yet a symbol */
    int count = 0;

    if (!code.made)
        make_code();
    for (size_t i = 0; i < 8 * len; i++) {
        bits = bits << 1 | (bytes[i / 8] >> (7 - i % 8) & 1u);
        count++;
        if (bits - code.first[count] < (uint32_t)code.count[count] && bits >= code.first[count]) {
            int symbol = code.symbols[code.start[count] + (int)(bits - code.first[count])];
            char c = (char)symbol;

            if (symbol == EOS)
                return false;
            buffer_put(out, &c, 1);
            bits = 0;
            count = 0;
        } else if (count == LENGTH_MAX) {
            return false;
        }
    }
    /* What is left fills the last byte, with ones (RFC 7541 5.2). */
    return count < 8 && bits == (1u << count) - 1;
}

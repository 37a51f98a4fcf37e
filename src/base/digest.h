/* digest.h - a text's fingerprint of 128 bits, taken piece by piece.
 *
 * To tell quickly whether two texts are the same; equal texts have equal digests however they were
 * cut into pieces. Not a seal: somebody who wants two texts with one digest can make them. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "str.h"

enum { DIGEST_BLOCK = 16, DIGEST_TEXT_SIZE = 33 };

/* All zero is the digest of nothing so far. */
struct digest {
    uint64_t a, b;
    uint64_t len;                     /* bytes so far */
    unsigned char tail[DIGEST_BLOCK]; /* the last len % DIGEST_BLOCK of them */
};

void digest_add(struct digest *d, const void *data, size_t len);
/* 32 hexadecimal digits. More may be added afterwards. Returns into. */
const char *digest_text(const struct digest *d, char into[DIGEST_TEXT_SIZE]);

#endif

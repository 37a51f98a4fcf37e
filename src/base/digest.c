/* MurmurHash3, the variant for 64-bit processors with 128 bits of result (Appleby, public domain),
 * seed 0: a few multiplications for 16 bytes, so that a journal of millions of lines is digested on
 * the way to the disk at no cost that one could measure. SHA-256 was dropped: it is ten times
 * slower here, and nobody has to be kept from forging the journal of their own run. */
#include "digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint64_t FACTOR_A = 0x87c37b91114253d5;
static const uint64_t FACTOR_B = 0x4cf5ad432745937f;

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

/* The algorithm is defined for little-endian words. */
static uint64_t word(const unsigned char *p)
{
    uint64_t w = 0;
    int i;

    for (i = 7; i >= 0; i--)
        w = w << 8 | p[i];
    return w;
}

static uint64_t spread_a(uint64_t w)
{
    return rotate(w * FACTOR_A, 31) * FACTOR_B;
}

static uint64_t spread_b(uint64_t w)
{
    return rotate(w * FACTOR_B, 33) * FACTOR_A;
}

static void add_block(struct digest *d, const unsigned char *p)
{
    d->a ^= spread_a(word(p));
    d->a = (rotate(d->a, 27) + d->b) * 5 + 0x52dce729;
    d->b ^= spread_b(word(p + 8));
    d->b = (rotate(d->b, 31) + d->a) * 5 + 0x38495ab5;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t waiting = d->len % DIGEST_BLOCK;

    d->len += len;
    if (waiting > 0) {
        size_t take = len < DIGEST_BLOCK - waiting ? len : DIGEST_BLOCK - waiting;
        memcpy(d->tail + waiting, p, take);
        p += take;
        len -= take;
        if (waiting + take < DIGEST_BLOCK)
            return;
        add_block(d, d->tail);
    }
    for (; len >= DIGEST_BLOCK; p += DIGEST_BLOCK, len -= DIGEST_BLOCK)
        add_block(d, p);
    if (len > 0)
        memcpy(d->tail, p, len);
}

static uint64_t finish(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
    return x ^ x >> 33;
}

const char *digest_text(const struct digest *d, char into[DIGEST_TEXT_SIZE])
{
    unsigned char last[DIGEST_BLOCK] = {0};
    uint64_t a = d->a;
    uint64_t b = d->b;

    memcpy(last, d->tail, d->len % DIGEST_BLOCK);
    b ^= spread_b(word(last + 8)); /* nothing changes where nothing is left */
    a ^= spread_a(word(last));
    a ^= d->len;
    b ^= d->len;
    a += b;
    b += a;
    a = finish(a);
    b = finish(b);
    a += b;
    b += a;
    snprintf(into, DIGEST_TEXT_SIZE, "%016" PRIx64 "%016" PRIx64, a, b);
    return into;
}

#include "bloom.h"

#include <string.h>

/* The last byte of a filter says how many probes it was made for. */

uint64_t bloom_hash(struct slice key)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a, then mixed: its high bits are weak */

    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.data[i]) * 1099511628211u;
    h ^= h >> 33;
    h *= 0xff51afd7ed558ccdu;
    return h ^ h >> 33;
}

static uint64_t probe(uint64_t hash, uint32_t i, uint64_t bits)
{
    return ((hash & 0xffffffff) + i * (hash >> 32 | 1)) % bits;
}

void bloom_build(const uint64_t *hashes, size_t count, uint32_t bits_per_key, struct bytes *out)
{
    size_t len = (count * bits_per_key + 7) / 8, at = out->len;
    uint32_t probes = (bits_per_key * 69 + 50) / 100; /* ln 2 of them is best */
    char zero = 0, last;

    if (bits_per_key == 0 || count == 0)
        return;
    if (probes > 30)
        probes = 30;
    for (size_t i = 0; i < len; i++)
        bytes_add(out, &zero, 1);
    for (size_t n = 0; n < count; n++) {
        for (uint32_t i = 0; i < probes; i++) {
            uint64_t bit = probe(hashes[n], i, 8 * len);

            out->data[at + bit / 8] |= (char)(1 << bit % 8);
        }
    }
    last = (char)probes;
    bytes_add(out, &last, 1);
}

bool bloom_may_hold(struct slice filter, uint64_t hash)
{
    if (filter.len < 2)
        return true;
    for (uint32_t i = 0; i < (uint32_t)filter.data[filter.len - 1]; i++) {
        uint64_t bit = probe(hash, i, 8 * (filter.len - 1));

        if ((filter.data[bit / 8] >> bit % 8 & 1) == 0)
            return false;
    }
    return true;
}

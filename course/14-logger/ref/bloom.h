/* bloom.h - a set that may say "perhaps" of what is not in it, and never "no" of what is.
 * (Bloom 1970; two hashes make all k: Kirsch and Mitzenmacher 2006.) */
#ifndef LOGGER_BLOOM_H
#define LOGGER_BLOOM_H

#include "bytes.h"

#include <stdbool.h>

uint64_t bloom_hash(struct slice key);
/* A filter of these keys' hashes, bits_per_key each, added to *out. */
void bloom_build(const uint64_t *hashes, size_t count, uint32_t bits_per_key, struct bytes *out);
bool bloom_may_hold(struct slice filter, uint64_t hash); /* an empty filter: always */

#endif

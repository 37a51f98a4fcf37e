/* prng.h - all chance of a run, from one seed.
 *
 * xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64. Streams are split by name, so
 * that adding a draw in one place does not shift the draws of another. */
#ifndef BASE_PRNG_H
#define BASE_PRNG_H

#include <stdbool.h>
#include <stdint.h>

struct prng {
    uint64_t s[4];
};

/* The stream called name of the run with this seed; the same pair gives the same stream. */
void prng_init(struct prng *p, uint64_t seed, const char *name);
uint64_t prng_next(struct prng *p);
uint64_t prng_below(struct prng *p, uint64_t bound); /* uniform in [0, bound); bound > 0 */
int64_t prng_between(struct prng *p, int64_t low, int64_t high); /* uniform in [low, high] */
double prng_unit(struct prng *p);                                /* uniform in [0, 1) */
bool prng_chance(struct prng *p, double probability);
double prng_exponential(struct prng *p, double mean);
void prng_fill(struct prng *p, void *into, uint64_t len);

#endif

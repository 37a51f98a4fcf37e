/* prng.h - numbers by chance (SplitMix64, Steele and others 2014). Seed it from the system. */
#ifndef PRNG_H
#define PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state;
};

uint64_t prng_next(struct prng *p);
/* From low to high, both included. */
int64_t prng_between(struct prng *p, int64_t low, int64_t high);

#endif

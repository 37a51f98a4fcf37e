/* prng.h - chance: splitmix64 (Steele, Lea, Flood 2014). Equal seeds give equal draws. */
#ifndef MESSENGER_PRNG_H
#define MESSENGER_PRNG_H

#include <stdint.h>

struct prng {
    uint64_t state;
};

uint64_t prng_next(struct prng *p);
double prng_unit(struct prng *p);                /* in [0, 1) */
int64_t prng_upto(struct prng *p, int64_t high); /* in [0, high] */
uint64_t prng_system_seed(void);                 /* differs from node to node and start to start */

#endif

/* prng.c - a counter in steps of the golden ratio, and a function that mixes its bits. */
#include "prng.h"

#include <stdlib.h>
#include <sys/random.h>

uint64_t prng_next(struct prng *p)
{
    uint64_t z = p->state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

double prng_unit(struct prng *p)
{
    return (double)(prng_next(p) >> 11) * 0x1p-53;
}

int64_t prng_upto(struct prng *p, int64_t high)
{
    return (int64_t)(prng_unit(p) * (double)(high + 1));
}

uint64_t prng_system_seed(void)
{
    uint64_t seed;

    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        abort();
    return seed;
}

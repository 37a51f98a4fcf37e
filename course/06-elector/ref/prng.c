#include "prng.h"

uint64_t prng_next(struct prng *p)
{
    uint64_t z = p->state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* The remainder is not quite fair: by one part in 2^56 for ranges as small as ours. */
int64_t prng_between(struct prng *p, int64_t low, int64_t high)
{
    return low + (int64_t)(prng_next(p) % (uint64_t)(high - low + 1));
}

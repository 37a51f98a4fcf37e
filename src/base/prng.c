#include "prng.h"

#include "assert.h"

#include <math.h>
#include <string.h>

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void prng_init(struct prng *p, uint64_t seed, const char *name)
{
    uint64_t state = 0xcbf29ce484222325u; /* FNV-1a of the name */
    int i;

    for (; *name != '\0'; name++)
        state = (state ^ (unsigned char)*name) * 0x100000001b3u;
    state ^= splitmix64(&seed);
    for (i = 0; i < 4; i++)
        p->s[i] = splitmix64(&state);
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t prng_next(struct prng *p)
{
    uint64_t *s = p->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}

uint64_t prng_below(struct prng *p, uint64_t bound)
{
    uint64_t limit;
    uint64_t x;

    ASSERT(bound > 0);
    limit = UINT64_MAX - UINT64_MAX % bound; /* the tail would favour small results */
    do
        x = prng_next(p);
    while (x >= limit);
    return x % bound;
}

int64_t prng_between(struct prng *p, int64_t low, int64_t high)
{
    uint64_t width = (uint64_t)high - (uint64_t)low + 1;

    ASSERT(low <= high);
    return (int64_t)((uint64_t)low + (width == 0 ? prng_next(p) : prng_below(p, width)));
}

double prng_unit(struct prng *p)
{
    return (double)(prng_next(p) >> 11) * 0x1p-53;
}

bool prng_chance(struct prng *p, double probability)
{
    return prng_unit(p) < probability;
}

double prng_exponential(struct prng *p, double mean)
{
    return -log(1.0 - prng_unit(p)) * mean;
}

void prng_fill(struct prng *p, void *into, uint64_t len)
{
    unsigned char *out = into;

    while (len > 0) {
        uint64_t x = prng_next(p);
        uint64_t n = len < sizeof(x) ? len : sizeof(x);
        memcpy(out, &x, n);
        out += n;
        len -= n;
    }
}

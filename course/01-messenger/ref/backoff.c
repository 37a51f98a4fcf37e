/* backoff.c - growth bounds how much all clients together ask of a server that is down; chance
 * spreads them. Each node must draw differently, so the seed comes from the system: nodes that
 * start together would share one made from the time. */
#include "backoff.h"

#include "prng.h"

#include <stdbool.h>

static int64_t bound_ms(int64_t base_ms, int64_t cap_ms, int k)
{
    int64_t bound = base_ms;

    for (int i = 0; i < k && bound < cap_ms; i++)
        bound *= 2; /* stops at the cap, long before it could overflow */
    return bound < cap_ms ? bound : cap_ms;
}

int64_t backoff_delay_ms(int64_t base_ms, int64_t cap_ms, int k)
{
    static struct prng chance;
    static bool seeded;

    if (!seeded) {
        chance.state = prng_system_seed();
        seeded = true;
    }
    return prng_upto(&chance, bound_ms(base_ms, cap_ms, k));
}

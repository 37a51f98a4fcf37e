#include "swarm.h"

#include "../base/assert.h"
#include "../base/prng.h"

#include <math.h>

#ifndef PLANT_SEARCH
#define PLANT_SEARCH 0 /* tests/planted/search.sh */
#endif

enum { FEW_NODES = 3 };

static int64_t even(const struct swarm_range *r, uint64_t seed, const char *name)
{
    struct prng p;

    prng_init(&p, seed, name);
    return prng_between(&p, r->min, r->max);
}

static int64_t two_digits(int64_t value)
{
    int64_t unit = 1;

    while (value / unit >= 100)
        unit *= 10;
    return value / unit * unit;
}

static int64_t over_powers(const struct swarm_range *r, uint64_t seed, const char *name)
{
    struct prng p;
    int64_t value;

    if (r->min == r->max)
        return r->max;
    prng_init(&p, seed, name);
    value =
        two_digits((int64_t)((double)r->min * pow((double)r->max / (double)r->min, prng_unit(&p))));
    return value < r->min ? r->min : value > r->max ? r->max : value;
}

static bool chance(uint64_t seed, const char *name, double probability)
{
    struct prng p;

    prng_init(&p, seed, name);
    return prng_chance(&p, probability);
}

static uint32_t choice(uint32_t count, uint64_t seed, const char *name)
{
    struct prng p;

    prng_init(&p, seed, name);
    return count > 1 ? (uint32_t)prng_below(&p, count) : 0;
}

/* Three are the fewest that outvote one, and mistakes of two of them already matter. */
static int64_t node_count(const struct swarm_range *r, uint64_t seed)
{
    if (chance(seed, "swarm all nodes", 0.4))
        return r->max;
    if (r->max >= FEW_NODES && r->min <= FEW_NODES && chance(seed, "swarm few nodes", 0.6))
        return FEW_NODES;
    return even(r, seed, "swarm nodes");
}

static int64_t few_nodes(const struct swarm_range *r, int64_t otherwise)
{
    return r->max >= FEW_NODES && r->min <= FEW_NODES ? FEW_NODES : otherwise;
}

void swarm_draw(const struct swarm_limits *l, uint64_t seed, struct swarm_draw *ret_draw)
{
    struct prng faults;

    ASSERT(l->fault_count <= 32);
    if (PLANT_SEARCH == 2)
        seed /= 2;
    ASSERT(l->rate.min > 0 || l->rate.max == l->rate.min);
    *ret_draw = (struct swarm_draw){
        .node_count = node_count(&l->node_count, seed),
        .clients_a_node = even(&l->clients_a_node, seed, "swarm clients"),
        .rate = over_powers(&l->rate, seed, "swarm rate"),
        .interval_ns = over_powers(&l->interval_ns, seed, "swarm interval"),
        .latency_ns = over_powers(&l->latency_ns, seed, "swarm latency"),
        .dist = choice(l->dist_count, seed, "swarm distribution"),
        .topology = choice(l->topology_count, seed, "swarm topology"),
        .partition = choice(l->partition_count, seed, "swarm partition"),
        .cues = chance(seed, "swarm cues", 0.65),
        .rivals = chance(seed, "swarm rivals", 0.45),
        .news = chance(seed, "swarm news", 0.45),
        .schedule_seeded = l->schedule && chance(seed, "swarm schedule", 0.5),
    };
    if ((ret_draw->rivals || ret_draw->news) && chance(seed, "swarm fewest", 0.5))
        ret_draw->node_count = few_nodes(&l->node_count, ret_draw->node_count);
    if (l->latency_ns.min < l->latency_ns.max && chance(seed, "swarm no latency", 0.25))
        ret_draw->latency_ns = 0;
    prng_init(&faults, seed, "swarm faults");
    if (l->fault_count > 0)
        ret_draw->faults = (uint32_t)(prng_next(&faults) >> (64 - l->fault_count));
}

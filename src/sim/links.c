/* Latencies are drawn as Maelstrom does: constant; uniform from 0 to twice the mean; exponential.
 * A factor of slowness multiplies what was drawn. A mean of 0 stays 0 in every distribution.
 *
 * The cuts are a byte for each ordered pair of nodes: one load to ask, at most 1 MiB, and no page
 * of it is touched in a run without partitions, where cut_count alone answers. */
#include "links.h"

#include "streams.h"

#include "../base/assert.h"
#include "../base/mem.h"
#include "../base/prng.h"

#include <string.h>

/* No delay is longer: some 36 years, so that sums of times stay far from overflow. */
static const int64_t DELAY_MAX_NS = INT64_C(1) << 60;

/* What one direction of one link has of its own; negative: nothing. */
struct own {
    int64_t latency_ns;
    double loss;
};

struct links {
    int64_t latency_ns;
    enum latency_dist latency_dist;
    double slow; /* 1 is normal */
    double loss, duplication, reorder;
    int64_t reorder_extra_ns;
    struct prng *of_latency, *of_loss, *of_duplication, *of_reorder;

    uint32_t node_count;
    uint32_t cut_count;
    bool *cut;       /* [from * node_count + to] */
    struct own *own; /* likewise; NULL while no link has anything of its own */
};

struct links *links_new(const struct links_config *config)
{
    struct links *l = mem_zalloc(sizeof(*l));

    ASSERT(config->latency_ns >= 0);
    l->latency_ns = config->latency_ns;
    l->latency_dist = config->latency_dist;
    l->slow = 1;
    l->of_latency = streams_get(config->streams, "latency");
    l->of_loss = streams_get(config->streams, "loss");
    l->of_duplication = streams_get(config->streams, "duplication");
    l->of_reorder = streams_get(config->streams, "reorder");
    l->node_count = config->node_count;
    l->cut = mem_zalloc((size_t)l->node_count * l->node_count * sizeof(*l->cut));
    return l;
}

void links_free(struct links *l)
{
    if (l == NULL)
        return;
    mem_free(l->cut);
    mem_free(l->own);
    mem_free(l);
}

static const struct own *own_of(const struct links *l, uint32_t from, uint32_t to)
{
    if (l->own == NULL || from >= l->node_count || to >= l->node_count)
        return NULL;
    return &l->own[(size_t)from * l->node_count + to];
}

static double draw_latency(struct links *l, double mean)
{
    switch (l->latency_dist) {
    case LATENCY_CONSTANT:
        return mean;
    case LATENCY_UNIFORM:
        return prng_unit(l->of_latency) * 2 * mean;
    case LATENCY_EXPONENTIAL:
        return prng_exponential(l->of_latency, mean);
    }
    ASSERT(!"a latency distribution");
}

static int64_t capped(double ns)
{
    return ns < (double)DELAY_MAX_NS ? (int64_t)ns : DELAY_MAX_NS;
}

int64_t links_delay(struct links *l, uint32_t from, uint32_t to)
{
    const struct own *own = own_of(l, from, to);
    int64_t mean_ns = own != NULL && own->latency_ns >= 0 ? own->latency_ns : l->latency_ns;
    int64_t delay = 0;

    if (mean_ns > 0)
        delay = capped(draw_latency(l, (double)mean_ns) * l->slow);
    if (l->reorder > 0 && prng_chance(l->of_reorder, l->reorder))
        delay += capped(prng_unit(l->of_reorder) * (double)l->reorder_extra_ns);
    return delay;
}

bool links_doubles(struct links *l)
{
    return l->duplication > 0 && prng_chance(l->of_duplication, l->duplication);
}

bool links_loses(struct links *l, uint32_t from, uint32_t to)
{
    const struct own *own = own_of(l, from, to);

    if (l->loss > 0 && prng_chance(l->of_loss, l->loss))
        return true;
    return own != NULL && own->loss > 0 && prng_chance(l->of_loss, own->loss);
}

static void assert_probability(double probability)
{
    ASSERT(probability >= 0 && probability <= 1);
}

void links_set_loss(struct links *l, double probability)
{
    assert_probability(probability);
    l->loss = probability;
}

void links_set_duplication(struct links *l, double probability)
{
    assert_probability(probability);
    l->duplication = probability;
}

void links_set_reorder(struct links *l, double probability, int64_t extra_ns)
{
    assert_probability(probability);
    ASSERT(extra_ns >= 0);
    l->reorder = probability;
    l->reorder_extra_ns = extra_ns;
}

void links_set_slow(struct links *l, double factor)
{
    ASSERT(factor >= 0);
    l->slow = factor;
}

void links_set_link(struct links *l, uint32_t from, uint32_t to, int64_t latency_ns, double loss)
{
    size_t pairs = (size_t)l->node_count * l->node_count;
    size_t i;

    ASSERT(from < l->node_count && to < l->node_count && loss <= 1);
    if (l->own == NULL) {
        l->own = mem_alloc(pairs * sizeof(*l->own));
        for (i = 0; i < pairs; i++)
            l->own[i] = (struct own){-1, -1};
    }
    l->own[(size_t)from * l->node_count + to] = (struct own){latency_ns, loss};
}

static bool *cell(const struct links *l, uint32_t from, uint32_t to)
{
    ASSERT(from < l->node_count && to < l->node_count);
    return &l->cut[(size_t)from * l->node_count + to];
}

void links_cut(struct links *l, uint32_t from, uint32_t to, bool cut)
{
    bool *c = cell(l, from, to);

    if (from == to || *c == cut)
        return;
    *c = cut;
    l->cut_count += cut ? 1 : -1u;
}

bool links_is_cut(const struct links *l, uint32_t from, uint32_t to)
{
    return l->cut_count > 0 && *cell(l, from, to);
}

void links_heal(struct links *l)
{
    if (l->cut_count > 0)
        memset(l->cut, 0, (size_t)l->node_count * l->node_count * sizeof(*l->cut));
    l->cut_count = 0;
}

void links_check(const struct links *l)
{
    size_t pairs = (size_t)l->node_count * l->node_count;
    uint32_t cut_count = 0;
    size_t i;

    for (i = 0; i < pairs; i++)
        cut_count += l->cut[i];
    ASSERT(cut_count == l->cut_count);
    for (i = 0; i < l->node_count; i++)
        ASSERT(!l->cut[i * l->node_count + i]);
}

/* Every plan begins with a random order of the nodes; a kind then only says which places of that
 * order are cut off from which.
 *
 * The ring: place i hears places i-r .. i+r, with the smallest r that makes this a majority. The
 * windows are symmetric, so each link works both ways or not at all, and every node can still talk
 * with a majority. (Windows of exactly a majority are lopsided where the majority is even: with
 * seven nodes nobody would then have a majority that also hears it.) Of three nodes such a window
 * is everybody; there the ring is open between two of them, which then see two nodes each, and the
 * one in the middle sees all three. */
#include "partition.h"

#include "../base/assert.h"
#include "../base/mem.h"
#include "../base/prng.h"

#include <string.h>

struct kind {
    const char *text;
    uint32_t node_count_min;
};

static const struct kind KINDS[PARTITION_KIND_COUNT] = {
    [PARTITION_ONE] = {"one", 2},           [PARTITION_HALVES] = {"halves", 2},
    [PARTITION_MAJORITY] = {"majority", 3}, [PARTITION_MINORITY_THIRD] = {"minority-third", 4},
    [PARTITION_ONE_WAY] = {"one-way", 2},   [PARTITION_BRIDGE] = {"bridge", 3},
    [PARTITION_RING] = {"ring", 3},
};

struct plan {
    uint32_t n;
    uint32_t *order; /* the node at each place */
    bool *cut;
};

const char *partition_kind_text(enum partition_kind kind)
{
    ASSERT((size_t)kind < PARTITION_KIND_COUNT);
    return KINDS[kind].text;
}

bool partition_kind_parse(struct str text, enum partition_kind *ret_kind)
{
    size_t kind;

    for (kind = 0; kind < PARTITION_KIND_COUNT; kind++) {
        if (str_is(text, KINDS[kind].text)) {
            *ret_kind = (enum partition_kind)kind;
            return true;
        }
    }
    return false;
}

static void shuffle(struct plan *p, struct prng *prng)
{
    uint32_t i;

    for (i = 0; i < p->n; i++)
        p->order[i] = i;
    for (i = p->n; i > 1; i--) {
        uint32_t other = (uint32_t)prng_below(prng, i);
        uint32_t node = p->order[i - 1];

        p->order[i - 1] = p->order[other];
        p->order[other] = node;
    }
}

/* Places are taken as numbers of the order. */
static void cut(struct plan *p, uint32_t from, uint32_t to)
{
    p->cut[(size_t)p->order[from] * p->n + p->order[to]] = true;
}

/* The places before split, and those from split on but before end, lose sight of each other. */
static void cut_apart(struct plan *p, uint32_t split, uint32_t end)
{
    uint32_t a, b;

    for (a = 0; a < split; a++) {
        for (b = split; b < end; b++) {
            cut(p, a, b);
            cut(p, b, a);
        }
    }
}

static void cut_one_way(struct plan *p, uint32_t deaf_count)
{
    uint32_t deaf, other;

    for (deaf = 0; deaf < deaf_count; deaf++)
        for (other = deaf_count; other < p->n; other++)
            cut(p, other, deaf);
}

static void cut_ring(struct plan *p)
{
#if PLANT_SIM == 7 /* planted bug: with 6 and 7 nodes a window is no majority */
    uint32_t reach = p->n / 4;
#else
    uint32_t reach = (p->n / 2 + 1) / 2; /* to each side: 2 * reach + 1 is a majority */
#endif
    uint32_t a, b;

    if (p->n == 3) {
        cut(p, 0, 2);
        cut(p, 2, 0);
        return;
    }
    for (a = 0; a < p->n; a++) {
        for (b = 0; b < p->n; b++) {
            uint32_t distance = a < b ? b - a : a - b;
            if (distance > reach && p->n - distance > reach)
                cut(p, a, b);
        }
    }
}

static void carry_out(struct plan *p, enum partition_kind kind, struct prng *prng)
{
    uint32_t n = p->n;

    switch (kind) {
    case PARTITION_ONE:
        cut_apart(p, 1, n);
        return;
    case PARTITION_HALVES:
        cut_apart(p, n / 2, n);
        return;
    case PARTITION_MAJORITY:
        cut_apart(p, n / 2 + 1, n);
        return;
    case PARTITION_MINORITY_THIRD:
        cut_apart(p, (n - 1) / 3, n);
        return;
    case PARTITION_ONE_WAY:
        cut_one_way(p, 1 + (uint32_t)prng_below(prng, n - 1));
        return;
    case PARTITION_BRIDGE: /* the last place is the bridge */
        cut_apart(p, (n - 1) / 2, n - 1);
        return;
    case PARTITION_RING:
        cut_ring(p);
        return;
    case PARTITION_KIND_COUNT:
        break;
    }
    ASSERT(!"a kind of partition");
}

void partition_plan(enum partition_kind kind, uint32_t n, struct prng *prng, bool *ret_cut)
{
    struct plan p = {.n = n, .cut = ret_cut};

    ASSERT((size_t)kind < PARTITION_KIND_COUNT);
    memset(ret_cut, 0, (size_t)n * n * sizeof(*ret_cut));
    if (n < 2)
        return;
    p.order = mem_alloc(n * sizeof(*p.order));
    shuffle(&p, prng);
    carry_out(&p, n < KINDS[kind].node_count_min ? PARTITION_ONE : kind, prng);
    mem_free(p.order);
}

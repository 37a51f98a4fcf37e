/* Components of a view are numbered so that ways lead to equal or lower numbers only. So one walk
 * over the components downwards can carry 512 questions, a bit each: a bit enters at the component
 * where its edge ends, every edge of the view takes all bits along, and the answer stands at the
 * component where its edge begins. Only components between the lowest and the highest of those
 * matter.
 *
 * This is what keeps the question for cycles with one read of an overwritten value from being
 * quadratic: two halves of a cluster that never hear from each other give one such edge for each
 * transaction, none of which closes a cycle, and a search from each would walk to the end. */
#include "txn_reach.h"

#include "txn_plant.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <string.h>

enum { WORDS = TXN_REACH_MAX / 64 };

void txn_reach_begin(struct txn_reach *r, const struct txn_view *v, const struct txn_scc *scc)
{
    uint32_t i, at = 0;

    ASSERT(!v->apart);
    r->v = v;
    r->scc = scc;
    r->scanned = 0;
    r->begin =
        mem_grow(r->begin, &r->begin_cap, (size_t)scc->component_count + 1, sizeof(*r->begin));
    for (i = 0; i < scc->component_count; i++) {
        r->begin[i] = at;
        at += scc->sizes[i];
    }
    r->begin[i] = at;
}

void txn_reach_release(struct txn_reach *r)
{
    mem_free(r->begin);
    mem_free(r->bits);
}

/* Takes the bits of one component along all edges that leave it for components down to low. */
static void pass_on(struct txn_reach *r, uint32_t component, uint32_t low)
{
    const struct txn_graph *g = r->v->g;
    const uint64_t *from = r->bits[component - low];
    uint64_t any = 0;
    uint32_t i, e, w;

    for (w = 0; w < WORDS; w++)
        any |= from[w];
    for (i = r->begin[component]; any != 0 && i < r->begin[component + 1]; i++) {
        uint32_t node = r->scc->order[i];
        for (e = g->begin[node]; e < g->begin[node + 1]; e++) {
            uint32_t to = txn_step(r->v, node, &g->edges[e]);
            if (to == TXN_NONE || r->scc->component[to] == component || r->scc->component[to] < low)
                continue;
            for (w = 0; w < WORDS; w++)
                r->bits[r->scc->component[to] - low][w] |= from[w];
        }
        r->scanned += g->begin[node + 1] - g->begin[node];
    }
}

void txn_reach_find(struct txn_reach *r, const struct txn_edge *const *edges, uint32_t count,
                    bool *is_closed)
{
    const uint32_t *component = r->scc->component;
    uint32_t low = UINT32_MAX, high = 0;
    uint32_t i;

    for (i = 0; i < count; i++) {
        low = component[edges[i]->from] < low ? component[edges[i]->from] : low;
        high = component[edges[i]->to] > high ? component[edges[i]->to] : high;
    }
    memset(is_closed, 0, count * sizeof(*is_closed));
    if (count == 0 || low > high)
        return;
    r->bits = mem_grow(r->bits, &r->bits_cap, (size_t)(high - low) + 1, sizeof(*r->bits));
    memset(r->bits, 0, ((size_t)(high - low) + 1) * sizeof(*r->bits));
    for (i = 0; i < count; i++)
        if (component[edges[i]->to] >= low)
            r->bits[component[edges[i]->to] - low][i / 64] |= (uint64_t)1 << i % 64;
    for (i = high; i > low && !TXN_PLANTED(22); i--)
        pass_on(r, i, low);
    for (i = 0; i < count; i++)
        if (component[edges[i]->from] <= high)
            is_closed[i] = r->bits[component[edges[i]->from] - low][i / 64] >> i % 64 & 1;
}

/* txn_reach.h - which of many edges are closed to a cycle by what a view shows: does a way lead
 * from where the edge ends to where it begins? All at once, and never by a search from each. */
#ifndef CHECK_TXN_REACH_H
#define CHECK_TXN_REACH_H

#include "txn_scc.h"

enum { TXN_REACH_MAX = 512 };

struct txn_reach {
    const struct txn_view *v;
    const struct txn_scc *scc; /* what txn_scc_find() says about the view */
    uint32_t *begin;           /* by component, and one more: its first state in scc->order */
    uint64_t (*bits)[TXN_REACH_MAX / 64];
    size_t begin_cap, bits_cap;
    uint64_t scanned; /* edges followed so far */
};

/* Takes up a view that is not apart and its components; both stay the caller's and unchanged. */
void txn_reach_begin(struct txn_reach *r, const struct txn_view *v, const struct txn_scc *scc);
void txn_reach_release(struct txn_reach *r);

/* count is TXN_REACH_MAX at most; is_closed[i] becomes the answer for edge i. Fast where the edges
 * span components that are near each other. */
void txn_reach_find(struct txn_reach *r, const struct txn_edge *const *edges, uint32_t count,
                    bool *is_closed);

#endif

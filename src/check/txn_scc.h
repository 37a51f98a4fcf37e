/* txn_scc.h - parts of a dependency graph that can be walked, and their strongly connected
 * components. A view shows the edges of some kinds, within some component of another view, and may
 * forbid two edges TXN_RW in a row; it is then walked by states, two for each node. */
#ifndef CHECK_TXN_SCC_H
#define CHECK_TXN_SCC_H

#include "txn_graph.h"

struct txn_view {
    const struct txn_graph *g;
    uint32_t kinds;         /* of edges; TXN_LINK is always taken */
    bool apart;             /* no two TXN_RW in a row: state 2n+1 is node n, reached by one */
    const uint32_t *within; /* by node: its part, or NULL for all */
    uint32_t part;
};

static inline uint32_t txn_state(const struct txn_view *v, uint32_t node)
{
    return v->apart ? node * 2 : node;
}

static inline uint32_t txn_state_node(const struct txn_view *v, uint32_t state)
{
    return v->apart ? state / 2 : state;
}

/* Where edge leads from state, or TXN_NONE where the view does not show it. */
static inline uint32_t txn_step(const struct txn_view *v, uint32_t state,
                                const struct txn_edge *edge)
{
    uint32_t reached_by_rw;

    if (!(edge->kind & (v->kinds | TXN_LINK)) ||
        (v->within != NULL && v->within[edge->to] != v->part))
        return TXN_NONE;
    if (!v->apart)
        return edge->to;
    reached_by_rw = state & 1;
    if (edge->kind == TXN_RW)
        return reached_by_rw ? TXN_NONE : edge->to * 2 + 1;
    return edge->to * 2 + (edge->kind == TXN_LINK ? reached_by_rw : 0);
}

struct txn_visit;

/* Scratch and result; one for a graph, used again and again. */
struct txn_scc {
    uint32_t *component; /* by state; a component reaches only those with numbers up to its own */
    uint32_t *order;     /* states, those of one component together, component by component */
    uint32_t order_len;
    uint32_t *sizes; /* by component */
    uint32_t component_count;
    /* Private. */
    struct txn_visit *visits; /* by state */
    uint32_t *stack, *path;
    size_t sizes_cap;
};

/* state_count: nodes, or twice that for views that are apart. */
void txn_scc_init(struct txn_scc *s, uint32_t state_count);
void txn_scc_release(struct txn_scc *s);

/* The components of what the view shows of these nodes, which are those of its part; NULL: of all
 * nodes. The result stands for
 * the states of these nodes until the next call. */
void txn_scc_find(struct txn_scc *s, const struct txn_view *v, const uint32_t *nodes,
                  uint32_t node_count);

/* Whether no component of the last call has more than one state. */
static inline bool txn_scc_is_acyclic(const struct txn_scc *s)
{
    return s->component_count == s->order_len;
}

/* Frees the scratch; the result of the last call stays. */
void txn_scc_settle(struct txn_scc *s);

#endif

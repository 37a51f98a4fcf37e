/* Tarjan's algorithm (1972), with a path of our own instead of the machine's stack: a history of a
 * million transactions is one path of that length. Linear in states and edges. What the walk asks
 * of a state lies together, as it jumps from one to the next; and since between calls all states
 * are CLOSED, those outside of the part that is walked need no look at whose they are. Indices
 * count down, where Tarjan's count up: so CLOSED is 0, which memory is before it was ever touched,
 * and parts of a graph that nobody walks over cost none. */
#include "txn_scc.h"

#include "../base/mem.h"

enum { CLOSED = 0 }; /* its component is known; below all indices, so it raises none */
#define NOT_SEEN UINT32_MAX

struct txn_visit {
    uint32_t index;     /* from NOT_SEEN - 1 downwards in the order of entry */
    uint32_t high;      /* the highest index on the stack that it is known to reach */
    uint32_t next, end; /* edges still to follow */
};

void txn_scc_init(struct txn_scc *s, uint32_t state_count)
{
    size_t size = ((size_t)state_count + 1) * sizeof(uint32_t);

    *s = (struct txn_scc){
        .component = mem_alloc(size),
        .order = mem_alloc(size),
        .visits = mem_zalloc(((size_t)state_count + 1) * sizeof(struct txn_visit)),
        .stack = mem_alloc(size),
        .path = mem_alloc(size),
    };
}

void txn_scc_settle(struct txn_scc *s)
{
    mem_free(s->visits);
    mem_free(s->stack);
    mem_free(s->path);
    s->visits = NULL;
    s->stack = s->path = NULL;
}

void txn_scc_release(struct txn_scc *s)
{
    txn_scc_settle(s);
    mem_free(s->component);
    mem_free(s->order);
    mem_free(s->sizes);
}

struct walk {
    struct txn_scc *s;
    const struct txn_view *v;
    uint32_t index; /* the last that was given */
    uint32_t stack_len;
    uint32_t path_len;
};

static void enter(struct walk *w, uint32_t state)
{
    struct txn_scc *s = w->s;
    const uint32_t *begin = &w->v->g->begin[txn_state_node(w->v, state)];

    --w->index;
    s->visits[state] = (struct txn_visit){w->index, w->index, begin[0], begin[1]};
    s->stack[w->stack_len++] = state;
    s->path[w->path_len++] = state;
}

/* state is the first of its component: all above it on the stack belong to it too. */
static void close_component(struct walk *w, uint32_t state)
{
    struct txn_scc *s = w->s;
    uint32_t size = 0;
    uint32_t member;

    do {
        member = s->stack[--w->stack_len];
        s->visits[member].index = CLOSED;
        s->component[member] = s->component_count;
        s->order[s->order_len++] = member;
        size++;
    } while (member != state);
    s->sizes = mem_grow(s->sizes, &s->sizes_cap, (size_t)s->component_count + 1, sizeof(uint32_t));
    s->sizes[s->component_count++] = size;
}

/* Goes on from the end of the path: one edge further, or one state back. */
static void advance(struct walk *w)
{
    struct txn_scc *s = w->s;
    const struct txn_edge *edges = w->v->g->edges;
    uint32_t state = s->path[w->path_len - 1];
    struct txn_visit *here = &s->visits[state];

    while (here->next < here->end) {
        uint32_t to = txn_step(w->v, state, &edges[here->next++]);
        if (to == TXN_NONE)
            continue;
        if (s->visits[to].index == NOT_SEEN) {
            enter(w, to);
            return;
        }
        if (s->visits[to].index > here->high)
            here->high = s->visits[to].index;
    }
    uint32_t high = here->high;
    if (high == here->index)
        close_component(w, state);
    if (--w->path_len > 0) {
        struct txn_visit *before = &s->visits[s->path[w->path_len - 1]];
        if (high > before->high)
            before->high = high;
    }
}

void txn_scc_find(struct txn_scc *s, const struct txn_view *v, const uint32_t *nodes,
                  uint32_t node_count)
{
    struct txn_view open = *v;
    struct walk w = {.s = s, .v = &open, .index = NOT_SEEN};
    uint32_t per_node = v->apart ? 2 : 1;
    uint32_t i, k;

    open.within = NULL; /* states of other nodes are CLOSED */

    s->order_len = 0;
    s->component_count = 0;
    for (i = 0; i < node_count; i++)
        for (k = 0; k < per_node; k++)
            s->visits[(nodes != NULL ? nodes[i] : i) * per_node + k].index = NOT_SEEN;
    for (i = 0; i < node_count; i++)
        for (k = 0; k < per_node; k++) {
            uint32_t state = (nodes != NULL ? nodes[i] : i) * per_node + k;
            if (s->visits[state].index == NOT_SEEN)
                enter(&w, state);
            while (w.path_len > 0)
                advance(&w);
        }
}

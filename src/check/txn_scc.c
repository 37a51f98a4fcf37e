/* Tarjan's algorithm (1972), with a path of our own instead of the machine's stack: a history of a
 * million transactions is one path of that length. Linear in states and edges. */
#include "txn_scc.h"

#include "../base/mem.h"

#include <string.h>

void txn_scc_init(struct txn_scc *s, uint32_t state_count)
{
    size_t size = ((size_t)state_count + 1) * sizeof(uint32_t);

    *s = (struct txn_scc){
        .component = mem_alloc(size),
        .order = mem_alloc(size),
        .index = mem_alloc(size),
        .low = mem_alloc(size),
        .stack = mem_alloc(size),
        .path = mem_alloc(size),
        .next = mem_alloc(size),
    };
}

void txn_scc_release(struct txn_scc *s)
{
    mem_free(s->component);
    mem_free(s->order);
    mem_free(s->sizes);
    mem_free(s->index);
    mem_free(s->low);
    mem_free(s->stack);
    mem_free(s->path);
    mem_free(s->next);
}

struct walk {
    struct txn_scc *s;
    const struct txn_view *v;
    uint32_t visited;
    uint32_t stack_len;
    uint32_t path_len;
};

static void enter(struct walk *w, uint32_t state)
{
    struct txn_scc *s = w->s;

    s->index[state] = s->low[state] = ++w->visited;
    s->stack[w->stack_len++] = state;
    s->path[w->path_len++] = state;
    s->next[state] = w->v->g->begin[txn_state_node(w->v, state)];
}

/* state is the first of its component: all above it on the stack belong to it too. */
static void close_component(struct walk *w, uint32_t state)
{
    struct txn_scc *s = w->s;
    uint32_t size = 0;
    uint32_t member;

    do {
        member = s->stack[--w->stack_len];
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
    const struct txn_graph *g = w->v->g;
    uint32_t state = s->path[w->path_len - 1];
    uint32_t end = g->begin[txn_state_node(w->v, state) + 1];

    while (s->next[state] < end) {
        uint32_t to = txn_step(w->v, state, &g->edges[s->next[state]++]);
        if (to == TXN_NONE)
            continue;
        if (s->index[to] == 0) {
            enter(w, to);
            return;
        }
        if (s->component[to] == TXN_NONE && s->index[to] < s->low[state])
            s->low[state] = s->index[to];
    }
    if (s->low[state] == s->index[state])
        close_component(w, state);
    if (--w->path_len > 0) {
        uint32_t before = s->path[w->path_len - 1];
        if (s->low[state] < s->low[before])
            s->low[before] = s->low[state];
    }
}

void txn_scc_find(struct txn_scc *s, const struct txn_view *v, const uint32_t *nodes,
                  uint32_t node_count)
{
    struct walk w = {.s = s, .v = v};
    uint32_t per_node = v->apart ? 2 : 1;
    uint32_t i, k;

    s->order_len = 0;
    s->component_count = 0;
    for (i = 0; i < node_count; i++)
        for (k = 0; k < per_node; k++) {
            uint32_t state = (nodes != NULL ? nodes[i] : i) * per_node + k;
            s->index[state] = 0;
            s->component[state] = TXN_NONE;
        }
    for (i = 0; i < node_count; i++)
        for (k = 0; k < per_node; k++) {
            uint32_t state = (nodes != NULL ? nodes[i] : i) * per_node + k;
            if (s->index[state] == 0)
                enter(&w, state);
            while (w.path_len > 0)
                advance(&w);
        }
}

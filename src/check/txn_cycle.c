/* The search for cycles.
 *
 * A sound history has no cycle over all edges together, which one pass of Tarjan's algorithm shows.
 * Otherwise each strongly connected component is asked five questions, the gravest first, each of
 * them with data alone, then with the order of processes, then with real time:
 *
 *     anomaly       walks over      and must hold           why a component answers it
 *     G0            ww              a ww                    all within one component is on a cycle
 *     G1c           ww wr           a wr                    likewise
 *     G-single      ww wr           one rw, from a to b     b reaches a by the others
 *     G-nonadjacent ww wr rw        rw, no two in a row     components of (node, came by rw?)
 *     G2            ww wr rw        a rw                    all within one component
 *
 * A question whose answer is implied by what the component, or a part of it, has shown is not
 * asked. That is what makes the walks exact: where no G-single was found, a cycle with an rw has
 * two; where no cycle of data was found, one over data and time has an edge of time. Only a walk of
 * G-nonadjacent may cross itself; it is then cut at the crossing, and one of the two halves is a
 * G-nonadjacent again or shows a G1c, which refutes the same models. Whether b reaches a is asked
 * for many edges at once (txn_reach.h).
 *
 * For the shortest cycle a breadth-first search starts at every edge that the cycle must hold, but
 * looks only for what is shorter than the best so far; after SCAN_MAX edges the best is taken. Time
 * nodes and detours cost no length.
 *
 * Dropped: Elle's search from each vertex with a path state and a limit of one second; it reports
 * "cycle-search-timeout" on histories that this answers in milliseconds. */
#include "txn_cycle.h"

#include "txn_plant.h"
#include "txn_reach.h"
#include "txn_scc.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { SCAN_MAX = 1000000 };

struct question {
    enum txn_anomaly anomaly;
    uint32_t kinds;
    uint32_t must_hold;
    bool apart;
    bool across; /* the edge it must hold may lead from one component of the walk to another */
};

static const struct question questions[] = {
    {TXN_G0, TXN_WW, TXN_WW, false, false},
    {TXN_G1C, TXN_WW | TXN_WR, TXN_WR, false, false},
    {TXN_G_SINGLE_ITEM, TXN_WW | TXN_WR, TXN_RW, false, true},
    {TXN_G_NONADJACENT_ITEM, TXN_WW | TXN_WR | TXN_RW, TXN_RW, true, false},
    {TXN_G2_ITEM, TXN_WW | TXN_WR | TXN_RW, TXN_RW, false, false},
};

struct edges {
    struct txn_edge *at;
    uint32_t len;
    size_t cap;
};

struct states {
    uint32_t *at;
    uint32_t len;
    size_t cap;
};

struct search {
    const struct txn_graph *g;
    struct txn_cycles *ret;
    uint32_t *cyclic;            /* by node: 1 if it is on some cycle of the furthest variant */
    struct states nodes;         /* those */
    struct txn_scc whole;        /* of all nodes, in the furthest variant, with all kinds */
    struct txn_scc nearer;       /* of the cyclic nodes, in a nearer variant, with all kinds */
    const struct txn_scc *outer; /* that of the variant at hand */
    struct txn_scc inner;        /* of a question, within one component of outer */
    uint32_t inner_kinds; /* that it shows of the component at hand; 0: it is of another one */
    bool inner_apart;
    uint64_t *shown; /* by node: anomalies that its component showed */
    /* The breadth-first search, by state; valid where stamp is the current epoch. */
    uint32_t *stamp, *distance, *came_from, *came_by;
    uint32_t epoch;
    struct states level, next_level;
    uint64_t scanned; /* edges, for the question at hand */
    struct txn_reach reach;
    struct states across; /* edges that a question across components asks about */
    uint32_t *place;      /* by transaction, while looking for crossings; else 0 */
    struct edges path;
    struct edges trial, best; /* cycles */
};

static void push_edge(struct edges *list, struct txn_edge edge)
{
    list->at = mem_grow(list->at, &list->cap, (size_t)list->len + 1, sizeof(*list->at));
    list->at[list->len++] = edge;
}

static void push_state(struct states *list, uint32_t state)
{
    list->at = mem_grow(list->at, &list->cap, (size_t)list->len + 1, sizeof(*list->at));
    list->at[list->len++] = state;
}

/* Breadth first. */

static void reach(struct search *s, uint32_t state, uint32_t distance, uint32_t from, uint32_t by)
{
    s->stamp[state] = s->epoch;
    s->distance[state] = distance;
    s->came_from[state] = from;
    s->came_by[state] = by;
}

/* Follows the edges of a state whose distance is final. Nothing below the goal's component can
 * lead to the goal. */
static void expand(struct search *s, const struct txn_view *v, uint32_t state, uint32_t goal,
                   uint32_t distance_max)
{
    const struct txn_graph *g = s->g;
    uint32_t node = txn_state_node(v, state);
    uint32_t e;

    for (e = g->begin[node]; e < g->begin[node + 1]; e++) {
        uint32_t to = txn_step(v, state, &g->edges[e]);
        uint32_t step = g->edges[e].to < g->real_count ? 1 : 0;
        uint32_t distance = s->distance[state] + step;
        if (to == TXN_NONE || s->inner.component[to] < s->inner.component[goal] ||
            distance > distance_max || (s->stamp[to] == s->epoch && s->distance[to] <= distance))
            continue;
        reach(s, to, distance, state, e);
        push_state(step == 0 ? &s->level : &s->next_level, to);
    }
    s->scanned += g->begin[node + 1] - g->begin[node] + 1;
}

/* A shortest way, counted in transactions entered, of distance_max at most. */
static bool find_way(struct search *s, const struct txn_view *v, uint32_t from, uint32_t goal,
                     uint32_t distance_max)
{
    uint32_t distance, i;

    s->epoch++;
    s->level.len = 0;
    s->next_level.len = 0;
    reach(s, from, 0, TXN_NONE, TXN_NONE);
    push_state(&s->level, from);
    for (distance = 0; distance <= distance_max && s->level.len > 0; distance++) {
        struct states done;
        for (i = 0; i < s->level.len; i++) {
            uint32_t state = s->level.at[i];
            if (s->distance[state] != distance)
                continue;
            if (state == goal)
                return true;
            expand(s, v, state, goal, distance_max);
        }
        done = s->level;
        s->level = s->next_level;
        s->next_level = done;
        s->next_level.len = 0;
    }
    return false;
}

/* From edges to a cycle. */

static uint32_t count_kind(const struct edges *cycle, uint32_t kind)
{
    uint32_t i, count = 0;

    for (i = 0; i < cycle->len; i++)
        count += cycle->at[i].kind == kind;
    return count;
}

static bool has_rw_in_a_row(const struct edges *cycle)
{
    uint32_t i;

    for (i = 0; i < cycle->len && !TXN_PLANTED(20); i++)
        if (cycle->at[i].kind == TXN_RW && cycle->at[(i + 1) % cycle->len].kind == TXN_RW)
            return true;
    return false;
}

static enum txn_anomaly anomaly_of(const struct edges *cycle)
{
    uint32_t rw = count_kind(cycle, TXN_RW);
    unsigned variant = count_kind(cycle, TXN_BY_TIME) > 0      ? TXN_REALTIME
                       : count_kind(cycle, TXN_BY_PROCESS) > 0 ? TXN_PROCESS
                                                               : 0;

    if (rw == 1)
        return TXN_G_SINGLE_ITEM + variant;
    if (rw > 1)
        return (has_rw_in_a_row(cycle) ? TXN_G2_ITEM : TXN_G_NONADJACENT_ITEM) + variant;
    return (count_kind(cycle, TXN_WR) > 0 ? TXN_G1C : TXN_G0) + variant;
}

/* The cycle of edge and the way just found behind it, without the nodes that are no transactions.
 */
static void take_cycle(struct search *s, const struct txn_edge *edge, uint32_t goal)
{
    const struct txn_graph *g = s->g;
    struct txn_edge whole = *edge;
    uint32_t state, i;

    s->path.len = 0;
    for (state = goal; s->came_from[state] != TXN_NONE; state = s->came_from[state])
        push_edge(&s->path, g->edges[s->came_by[state]]);
    s->trial.len = 0;
    if (edge->to < g->real_count)
        push_edge(&s->trial, *edge);
    for (i = s->path.len; i-- > 0;) {
        const struct txn_edge *part = &s->path.at[i];
        if (part->from < g->real_count)
            whole = *part;
        whole.to = part->to;
        if (part->value != TXN_NONE)
            whole.value = part->value;
        if (part->to < g->real_count)
            push_edge(&s->trial, whole);
    }
}

/* The places of a transaction that trial passes twice; false if there is none. */
static bool find_crossing(struct search *s, uint32_t *ret_i, uint32_t *ret_k)
{
    const struct edges *c = &s->trial;
    bool found = false;
    uint32_t k, n;

    for (k = 0; k < c->len && !found; k++) {
        uint32_t *place = &s->place[c->at[k].from];
        found = *place != 0;
        if (found) {
            *ret_i = *place - 1;
            *ret_k = k;
        }
        *place = k + 1;
    }
    for (n = 0; n < k; n++)
        s->place[c->at[n].from] = 0;
    return found;
}

/* Cuts trial at its crossings until it is simple and still has no two rw in a row. */
static void cut_crossings(struct search *s)
{
    struct edges *c = &s->trial;
    uint32_t i = 0, k = 0;

    while (find_crossing(s, &i, &k)) {
        struct edges inside = {c->at + i, k - i, 0};
        if (count_kind(&inside, TXN_RW) > 0 && !has_rw_in_a_row(&inside)) {
            memmove(c->at, c->at + i, (k - i) * sizeof(*c->at));
            c->len = k - i;
        } else {
            memmove(c->at + i, c->at + k, (c->len - k) * sizeof(*c->at));
            c->len -= k - i;
        }
    }
}

static void keep(struct search *s, const struct edges *cycle)
{
    struct txn_cycles *ret = s->ret;
    enum txn_anomaly anomaly = anomaly_of(cycle);
    uint32_t i;

    if (ret->counts[anomaly]++ >= TXN_CYCLES_MAX)
        return;
    ret->cycles =
        mem_grow(ret->cycles, &ret->cycles_cap, (size_t)ret->cycle_count + 1, sizeof(*ret->cycles));
    ret->cycles[ret->cycle_count++] = (struct txn_cycle){anomaly, ret->edge_count, cycle->len};
    ret->edges = mem_grow(ret->edges, &ret->edges_cap, (size_t)ret->edge_count + cycle->len,
                          sizeof(*ret->edges));
    for (i = 0; i < cycle->len; i++)
        ret->edges[ret->edge_count++] = cycle->at[i];
}

/* Questions. */

/* Looks for a cycle through this edge that is shorter than the best one. */
static void try_edge(struct search *s, const struct question *q, const struct txn_view *v,
                     const struct txn_edge *edge, enum txn_anomaly wanted)
{
    uint32_t goal = txn_state(v, edge->from);
    uint32_t from = txn_step(v, goal, edge);
    uint32_t step = edge->to < s->g->real_count ? 1 : 0;
    uint32_t distance_max = s->best.len > 0 ? s->best.len - 1 - step : UINT32_MAX - 1;
    const uint32_t *component = s->inner.component;
    struct edges worse;

    if (q->across) /* the view itself does not show this edge */
        from = edge->to;
    else if (from == TXN_NONE || component[from] != component[goal])
        return;
    if (!find_way(s, v, from, goal, distance_max))
        return;
    take_cycle(s, edge, goal);
    if (q->apart)
        cut_crossings(s);
    if (q->apart && anomaly_of(&s->trial) != wanted)
        return;
    worse = s->best;
    s->best = s->trial;
    s->trial = worse;
}

static bool is_enough(const struct search *s, const struct question *q)
{
    if (s->scanned <= SCAN_MAX)
        return s->best.len == 2;
    return s->best.len > 0 || q->apart; /* which may fail beside a G1c only, see above */
}

/* Tries all edges that the cycle must hold and that lie within one component of the walk. */
static void try_within(struct search *s, const struct question *q, const struct txn_view *v,
                       const uint32_t *nodes, uint32_t node_count, enum txn_anomaly wanted)
{
    uint32_t i, e;

    for (i = 0; i < node_count && !is_enough(s, q); i++)
        for (e = s->g->begin[nodes[i]]; e < s->g->begin[nodes[i] + 1] && !is_enough(s, q); e++)
            if (s->g->edges[e].kind == q->must_hold)
                try_edge(s, q, v, &s->g->edges[e], wanted);
}

/* Edges by where they end, so that those asked about together are near each other. */
static int by_component(const void *a, const void *b, void *search)
{
    const struct search *s = search;
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    uint32_t x_component = s->inner.component[s->g->edges[x].to];
    uint32_t y_component = s->inner.component[s->g->edges[y].to];

    if (x_component != y_component)
        return x_component > y_component ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* The edges that may lead back across components: those that do not lead down. */
static void find_across(struct search *s, const struct question *q, const struct txn_view *v,
                        const uint32_t *nodes, uint32_t node_count)
{
    const uint32_t *component = s->inner.component;
    uint32_t i, e;

    s->across.len = 0;
    for (i = 0; i < node_count; i++)
        for (e = s->g->begin[nodes[i]]; e < s->g->begin[nodes[i] + 1]; e++) {
            const struct txn_edge *edge = &s->g->edges[e];
            if (edge->kind == q->must_hold && v->within[edge->to] == v->part &&
                component[edge->to] >= component[edge->from])
                push_state(&s->across, e);
        }
    if (s->across.len > 1)
        qsort_r(s->across.at, s->across.len, sizeof(uint32_t), by_component, s);
}

/* The same where the edge leads from one component to another: many are asked about at once. */
static void try_across(struct search *s, const struct question *q, const struct txn_view *v,
                       const uint32_t *nodes, uint32_t node_count, enum txn_anomaly wanted)
{
    const struct txn_edge *edges[TXN_REACH_MAX];
    bool is_closed[TXN_REACH_MAX];
    uint32_t i, k, count;

    find_across(s, q, v, nodes, node_count);
    txn_reach_begin(&s->reach, v, &s->inner);
    for (i = 0; i < s->across.len && !is_enough(s, q); i += count) {
        count = s->across.len - i < TXN_REACH_MAX ? s->across.len - i : TXN_REACH_MAX;
        for (k = 0; k < count; k++)
            edges[k] = &s->g->edges[s->across.at[i + k]];
        s->reach.scanned = 0;
        txn_reach_find(&s->reach, edges, count, is_closed);
        s->scanned += s->reach.scanned;
        for (k = 0; k < count && !is_enough(s, q); k++)
            if (is_closed[k])
                try_edge(s, q, v, edges[k], wanted);
    }
}

/* Has inner hold what the view shows of the component at hand. Questions that walk over the same
 * edges share it. */
static void look(struct search *s, const struct txn_view *v, const uint32_t *nodes,
                 uint32_t node_count)
{
    if (s->inner_kinds == v->kinds && s->inner_apart == v->apart)
        return;
    txn_scc_find(&s->inner, v, nodes, node_count);
    s->inner_kinds = v->kinds;
    s->inner_apart = v->apart;
}

/* A cycle without rw is one of ww and wr; mostly there is none, which one walk shows. */
static bool is_hopeless(struct search *s, const struct question *q, struct txn_view v,
                        const uint32_t *nodes, uint32_t node_count)
{
    if (q->must_hold == TXN_RW)
        return false;
    v.kinds |= TXN_WR;
    look(s, &v, nodes, node_count);
    return txn_scc_is_acyclic(&s->inner);
}

/* Asks one component of the outer view, whose nodes these are; gives what it showed. */
static uint64_t ask(struct search *s, const struct question *q, unsigned variant, uint32_t extra,
                    const uint32_t *nodes, uint32_t node_count)
{
    struct txn_view v = {s->g, q->kinds | extra, q->apart, s->outer->component,
                         s->outer->component[nodes[0]]};

    if (is_hopeless(s, q, v, nodes, node_count))
        return 0;
    look(s, &v, nodes, node_count);
    s->best.len = 0;
    s->scanned = 0;
    if (q->across)
        try_across(s, q, &v, nodes, node_count, q->anomaly + variant);
    else
        try_within(s, q, &v, nodes, node_count, q->anomaly + variant);
    if (s->best.len == 0)
        return 0;
    keep(s, &s->best);
    return TXN_BIT(anomaly_of(&s->best));
}

static void ask_component(struct search *s, unsigned variant, uint32_t extra, const uint32_t *nodes,
                          uint32_t node_count)
{
    uint64_t shown = 0;
    uint32_t i;
    size_t q;

    for (i = 0; i < node_count; i++)
        shown |= s->shown[nodes[i]];
    s->inner_kinds = 0;
    for (q = 0; q < sizeof(questions) / sizeof(questions[0]); q++)
        if (!(txn_implied(shown) & TXN_BIT(questions[q].anomaly + variant)))
            shown |= ask(s, &questions[q], variant, extra, nodes, node_count);
    for (i = 0; i < node_count; i++)
        s->shown[nodes[i]] = shown;
}

/* The nodes in components of more than one node of the whole. The others belong to no component of
 * a nearer view. */
static void find_cyclic(struct search *s)
{
    const struct txn_scc *whole = &s->whole;
    size_t size = ((size_t)s->g->node_count + 1) * sizeof(*s->cyclic);
    uint32_t i, k, at = 0;

    s->cyclic = mem_zalloc(size);
    for (i = 0; i < whole->component_count; i++)
        for (k = 0; k < whole->sizes[i]; k++, at++)
            if (whole->sizes[i] > 1) {
                s->cyclic[whole->order[at]] = 1;
                push_state(&s->nodes, whole->order[at]);
            }
}

static void ask_all(struct search *s, unsigned variant, uint32_t extra)
{
    uint32_t i, at = 0;

    for (i = 0; i < s->outer->component_count; i++) {
        if (s->outer->sizes[i] > 1)
            ask_component(s, variant, extra, s->outer->order + at, s->outer->sizes[i]);
        at += s->outer->sizes[i];
    }
}

/* A variant before the furthest: its components lie within those of the whole. */
static void find_nearer(struct search *s, unsigned variant, uint32_t extra)
{
    struct txn_view v = {s->g, TXN_WW | TXN_WR | TXN_RW | extra, false, s->cyclic, 1};

    if (s->nearer.component == NULL) {
        txn_scc_init(&s->nearer, s->g->node_count);
        memset(s->nearer.component, 0xff, ((size_t)s->g->node_count + 1) * sizeof(uint32_t));
    }
    txn_scc_find(&s->nearer, &v, s->nodes.at, s->nodes.len);
    s->outer = &s->nearer;
    ask_all(s, variant, extra);
}

static int by_weight(const void *a, const void *b, void *cycles)
{
    const struct txn_cycles *c = cycles;
    const struct txn_cycle *x = a;
    const struct txn_cycle *y = b;
    uint32_t x_first = c->edges[x->begin].from;
    uint32_t y_first = c->edges[y->begin].from;

    if (x->anomaly != y->anomaly)
        return x->anomaly < y->anomaly ? -1 : 1;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x_first < y_first ? -1 : x_first > y_first;
}

static void search_begin(struct search *s)
{
    size_t states = (size_t)s->g->node_count * 2 + 1;

    find_cyclic(s);
    txn_scc_init(&s->inner, s->g->node_count * 2);
    s->shown = mem_zalloc(((size_t)s->g->node_count + 1) * sizeof(*s->shown));
    s->place = mem_zalloc(((size_t)s->g->real_count + 1) * sizeof(*s->place));
    s->stamp = mem_zalloc(states * sizeof(uint32_t));
    s->distance = mem_alloc(states * sizeof(uint32_t));
    s->came_from = mem_alloc(states * sizeof(uint32_t));
    s->came_by = mem_alloc(states * sizeof(uint32_t));
}

static void search_end(struct search *s)
{
    txn_scc_release(&s->inner);
    txn_scc_release(&s->nearer);
    mem_free(s->cyclic);
    mem_free(s->nodes.at);
    txn_reach_release(&s->reach);
    mem_free(s->across.at);
    mem_free(s->place);
    mem_free(s->shown);
    mem_free(s->stamp);
    mem_free(s->distance);
    mem_free(s->came_from);
    mem_free(s->came_by);
    mem_free(s->level.at);
    mem_free(s->next_level.at);
    mem_free(s->path.at);
    mem_free(s->trial.at);
    mem_free(s->best.at);
}

static void find_all(struct search *s, bool by_process, bool by_time)
{
    unsigned furthest = by_time ? TXN_REALTIME : by_process ? TXN_PROCESS : 0;
    uint32_t extra = by_time ? TXN_BY_TIME : by_process ? TXN_BY_PROCESS : 0;

    if (furthest > 0)
        find_nearer(s, 0, 0);
    if (by_process && by_time)
        find_nearer(s, TXN_PROCESS, TXN_BY_PROCESS);
    s->outer = &s->whole;
    ask_all(s, furthest, extra);
}

void txn_cycles_find(struct txn_cycles *c, const struct txn_graph *g, bool by_process, bool by_time)
{
    uint32_t furthest = by_time ? TXN_BY_TIME : by_process ? TXN_BY_PROCESS : 0;
    struct txn_view all = {g, TXN_WW | TXN_WR | TXN_RW | furthest, false, NULL, 0};
    struct search s = {.g = g, .ret = c};

    *c = (struct txn_cycles){0};
    txn_scc_init(&s.whole, g->node_count);
    txn_scc_find(&s.whole, &all, NULL, g->node_count);
    txn_scc_settle(&s.whole);
    if (!txn_scc_is_acyclic(&s.whole)) {
        search_begin(&s);
        find_all(&s, by_process, by_time);
        search_end(&s);
        if (c->cycle_count > 1)
            qsort_r(c->cycles, c->cycle_count, sizeof(*c->cycles), by_weight, c);
    }
    txn_scc_release(&s.whole);
}

void txn_cycles_release(struct txn_cycles *c)
{
    mem_free(c->cycles);
    mem_free(c->edges);
}

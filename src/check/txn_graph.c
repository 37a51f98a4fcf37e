/* The dependency graph.
 *
 * Real time relates nearly every pair of transactions. A chain of time nodes, one for each ok
 * completion, says the same with three edges per transaction:
 *
 *      a completes      b completes       c begins
 *          |                 |                ^
 *          v                 v                |
 *        [time] --------> [time] -------------+
 *
 * All readers of one version come before all writers of the next: m readers and n writers are m*n
 * edges. Where that is many, two chains over the writers w1..wn stand in for them:
 *
 *      up 1 <-- up 2 <-- up 3 ...        up i reaches w1..wi
 *       |        |        |
 *       w1       w2       w3             down i reaches wi..wn:  down 1 --> down 2 --> ...
 *
 * A reader that is no writer goes to down 1; a reader that is writer i goes to up i-1 and down
 * i+1, since a single node for all would lead it back to itself. A transaction that is a writer
 * here several times (it appended more than once) counts as one: all its edges say the same. */
#include "txn_graph.h"

#include "history.h"
#include "txn_plant.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { DIRECT_MAX = 64 }; /* that many edges are simply added */

void txn_graph_init(struct txn_graph *g, uint32_t real_count)
{
    *g = (struct txn_graph){.real_count = real_count, .node_count = real_count};
}

void txn_graph_release(struct txn_graph *g)
{
    mem_free(g->edges);
    mem_free(g->begin);
}

void txn_graph_add(struct txn_graph *g, struct txn_edge edge)
{
    if (edge.from == edge.to)
        return;
    ASSERT(g->edge_count < UINT32_MAX / 2);
    g->edges = mem_grow(g->edges, &g->edges_cap, (size_t)g->edge_count + 1, sizeof(*g->edges));
    g->edges[g->edge_count++] = edge;
}

static int by_txn(const void *a, const void *b)
{
    const struct txn_end *x = a;
    const struct txn_end *y = b;

    if (x->txn != y->txn)
        return x->txn < y->txn ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

static void link_nodes(struct txn_graph *g, uint32_t from, uint32_t to)
{
    txn_graph_add(g, (struct txn_edge){from, to, TXN_NONE, TXN_LINK});
}

/* The chains over sorted, distinct writers: node up + i reaches writers 0..i, down + i i..n-1. */
static void add_chains(struct txn_graph *g, const struct txn_end *writers, uint32_t n, uint32_t up,
                       uint32_t down)
{
    uint32_t i;

    for (i = 0; i < n; i++) {
        struct txn_edge edge = {up + i, writers[i].txn, writers[i].value, TXN_LINK};
        txn_graph_add(g, edge);
        edge.from = down + i;
        txn_graph_add(g, edge);
        if (i > 0)
            link_nodes(g, up + i, up + i - 1);
        if (i + 1 < n)
            link_nodes(g, down + i, down + i + 1);
    }
}

static void add_detours(struct txn_graph *g, const uint32_t *readers, uint32_t reader_count,
                        const struct txn_end *writers, uint32_t n)
{
    uint32_t up = g->node_count;
    uint32_t down = up + n;
    uint32_t i;

    ASSERT(n < UINT32_MAX / 4 && g->node_count < UINT32_MAX / 2);
    g->node_count += 2 * n;
    add_chains(g, writers, n, up, down);
    for (i = 0; i < reader_count; i++) {
        struct txn_edge edge = {readers[i], down, TXN_NONE, TXN_RW};
        uint32_t low = 0, high = n;
        while (low < high) {
            uint32_t middle = low + (high - low) / 2;
            if (writers[middle].txn < readers[i])
                low = middle + 1;
            else
                high = middle;
        }
        if (low == n || writers[low].txn != readers[i] || TXN_PLANTED(19)) {
            txn_graph_add(g, edge);
            continue;
        }
        edge.to = up + low - 1;
        if (low > 0)
            txn_graph_add(g, edge);
        edge.to = down + low + 1;
        if (low + 1 < n)
            txn_graph_add(g, edge);
    }
}

void txn_graph_add_all(struct txn_graph *g, const uint32_t *readers, uint32_t reader_count,
                       const struct txn_end *writers, uint32_t writer_count)
{
    struct txn_end *sorted;
    uint32_t i, k, n = 0;

    if ((uint64_t)reader_count * writer_count <= DIRECT_MAX) {
        for (i = 0; i < reader_count; i++)
            for (k = 0; k < writer_count; k++)
                txn_graph_add(
                    g, (struct txn_edge){readers[i], writers[k].txn, writers[k].value, TXN_RW});
        return;
    }
    sorted = mem_alloc(writer_count * sizeof(*sorted));
    memcpy(sorted, writers, writer_count * sizeof(*sorted));
    qsort(sorted, writer_count, sizeof(*sorted), by_txn);
    for (i = 0; i < writer_count; i++)
        if (i == 0 || sorted[i].txn != sorted[i - 1].txn)
            sorted[n++] = sorted[i];
    add_detours(g, readers, reader_count, sorted, n);
    mem_free(sorted);
}

void txn_graph_add_processes(struct txn_graph *g, const struct txn_history *t)
{
    uint32_t *latest = NULL; /* by process: its last ok transaction */
    size_t cap = 0, len = 0;
    uint32_t i;

    for (i = 0; i < t->txn_count; i++) {
        const struct txn *txn = &t->txns[i];
        if (txn->status == TXN_FAILED)
            continue;
        latest = mem_grow(latest, &cap, (size_t)txn->process + 1, sizeof(*latest));
        while (len <= (size_t)txn->process)
            latest[len++] = TXN_NONE;
        if (latest[txn->process] != TXN_NONE)
            txn_graph_add(g, (struct txn_edge){latest[txn->process], i, TXN_NONE, TXN_BY_PROCESS});
        if (txn->status == TXN_OK)
            latest[txn->process] = i;
    }
    mem_free(latest);
}

/* A chain of time nodes: each is reached by what had completed when some transaction began. */
struct clock {
    uint32_t latest; /* time node, or TXN_NONE */
    bool is_read;    /* a transaction began at the latest: what completes now is too late for it */
};

static void add_completion(struct txn_graph *g, uint32_t txn, struct clock *c)
{
    if (c->latest == TXN_NONE || c->is_read) {
        uint32_t node = g->node_count++;
        if (c->latest != TXN_NONE)
            txn_graph_add(g, (struct txn_edge){c->latest, node, TXN_NONE, TXN_BY_TIME});
        *c = (struct clock){node, false};
    }
    txn_graph_add(g, (struct txn_edge){txn, c->latest, TXN_NONE, TXN_BY_TIME});
}

void txn_graph_add_time(struct txn_graph *g, const struct txn_history *t)
{
    struct clock c = {TXN_NONE, false};
    uint32_t *of_completion;
    uint32_t events = history_len(t->h);
    uint32_t i, next = 0;

    of_completion = mem_alloc(events * sizeof(*of_completion) + 1);
    memset(of_completion, 0xff, events * sizeof(*of_completion));
    for (i = 0; i < t->txn_count; i++)
        if (t->txns[i].status == TXN_OK)
            of_completion[t->txns[i].completion] = i;
    for (i = 0; i < events; i++) {
        if (of_completion[i] != TXN_NONE)
            add_completion(g, of_completion[i], &c);
        if (next == t->txn_count || t->txns[next].invoke != i)
            continue;
        if (c.latest != TXN_NONE && t->txns[next].status != TXN_FAILED) {
            txn_graph_add(g, (struct txn_edge){c.latest, next, TXN_NONE, TXN_BY_TIME});
            c.is_read = !TXN_PLANTED(23);
        }
        next++;
    }
    mem_free(of_completion);
}

/* Counting sort by from; edges of one node keep their order. */
void txn_graph_finish(struct txn_graph *g)
{
    struct txn_edge *sorted = mem_alloc(g->edge_count * sizeof(*sorted) + 1);
    uint32_t i;

    g->begin = mem_zalloc(((size_t)g->node_count + 2) * sizeof(*g->begin));
    for (i = 0; i < g->edge_count; i++)
        g->begin[g->edges[i].from + 2]++;
    for (i = 2; i < g->node_count + 2; i++)
        g->begin[i] += g->begin[i - 1];
    for (i = 0; i < g->edge_count; i++)
        sorted[g->begin[g->edges[i].from + 1]++] = g->edges[i];
    mem_free(g->edges);
    g->edges = sorted;
    g->edges_cap = g->edge_count;
}

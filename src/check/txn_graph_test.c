/* The graph and its components, held against reachability by brute force. */
#include "txn_graph.h"
#include "txn_scc.h"
#include "txn_story.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "../base/test.h"

enum { NODES_MAX = 200 };

/* Which transactions one gets to from here by edges of these kinds, by way of no other. */
static void mark_reached(const struct txn_graph *g, uint32_t from, uint32_t kinds, bool *reached)
{
    uint32_t e;

    for (e = g->begin[from]; e < g->begin[from + 1]; e++) {
        uint32_t to = g->edges[e].to;
        if (!(g->edges[e].kind & (kinds | TXN_LINK)) || reached[to])
            continue;
        reached[to] = true;
        if (to >= g->real_count)
            mark_reached(g, to, kinds, reached);
    }
}

static bool leads(const struct txn_graph *g, uint32_t from, uint32_t to, uint32_t kinds)
{
    bool *reached = mem_zalloc(g->node_count);
    bool answer;

    mark_reached(g, from, kinds, reached);
    answer = reached[to];
    mem_free(reached);
    return answer;
}

static void link_all(uint32_t reader_count, uint32_t writer_count, uint64_t seed)
{
    uint32_t readers[40];
    struct txn_end writers[40];
    struct txn_graph g;
    struct prng chance;
    uint32_t i, k;

    prng_init(&chance, seed, "txn_graph_test");
    for (i = 0; i < reader_count; i++)
        readers[i] = (uint32_t)prng_below(&chance, 40);
    for (i = 0; i < writer_count; i++)
        writers[i] = (struct txn_end){(uint32_t)prng_below(&chance, 40), i};
    txn_graph_init(&g, 40);
    txn_graph_add_all(&g, readers, reader_count, writers, writer_count);
    txn_graph_finish(&g);
    for (i = 0; i < reader_count; i++)
        for (k = 0; k < 40; k++) {
            bool is_writer = false;
            uint32_t w;
            for (w = 0; w < writer_count; w++)
                is_writer |= writers[w].txn == k;
            CHECK(leads(&g, readers[i], k, TXN_RW) == (is_writer && k != readers[i]));
        }
    CHECK(g.edge_count <= 64 + 2 * reader_count + 4 * writer_count);
    txn_graph_release(&g);
}

TEST(all_readers_lead_to_all_writers_but_themselves)
{
    uint64_t seed;

    for (seed = 0; seed < 40; seed++) {
        link_all(3, 4, seed);
        link_all(30, 30, seed);
        link_all(40, 2, seed);
        link_all(2, 40, seed);
        link_all(0, 5, seed);
        link_all(5, 0, seed);
    }
}

TEST(time_leads_from_what_is_complete_to_what_begins_later)
{
    struct history *h = txn_story("p0 @0-2 ok x+1\np1 @1-3 ok x+2\np2 @3-4 ok x+3\n"
                                  "p0 @4-9 fail x+4\np1 @5-6 info x+5\np3 @7-8 ok x+6\n");
    static const char *const later[] = {"001011", "000011", "000011", "000000", "000000", "000000"};
    struct txn_history t;
    struct txn_graph g;
    uint32_t i, k;

    txn_history_init(&t, h, TXN_LISTS);
    txn_graph_init(&g, t.txn_count);
    txn_graph_add_time(&g, &t);
    txn_graph_add_processes(&g, &t);
    txn_graph_finish(&g);
    for (i = 0; i < t.txn_count; i++)
        for (k = 0; k < t.txn_count; k++)
            CHECK(leads(&g, i, k, TXN_BY_TIME) == (later[i][k] == '1'));
    CHECK(leads(&g, 1, 4, TXN_BY_PROCESS));
    CHECK(!leads(&g, 0, 3, TXN_BY_PROCESS)); /* it failed */
    CHECK(!leads(&g, 0, 2, TXN_BY_PROCESS));
    txn_graph_release(&g);
    txn_history_release(&t);
    history_free(h);
}

/* A random graph of n transactions; kinds are ww, wr and rw. */
static void make_random(struct txn_graph *g, uint32_t n, uint32_t edges, struct prng *chance)
{
    uint32_t i;

    txn_graph_init(g, n);
    for (i = 0; i < edges; i++)
        txn_graph_add(g, (struct txn_edge){(uint32_t)prng_below(chance, n),
                                           (uint32_t)prng_below(chance, n), TXN_NONE,
                                           1u << prng_below(chance, 3)});
    txn_graph_finish(g);
}

/* By state: which states the view leads to. */
static void mark_states(const struct txn_view *v, uint32_t state, bool *reached)
{
    uint32_t node = txn_state_node(v, state);
    uint32_t e;

    for (e = v->g->begin[node]; e < v->g->begin[node + 1]; e++) {
        uint32_t to = txn_step(v, state, &v->g->edges[e]);
        if (to == TXN_NONE || reached[to])
            continue;
        reached[to] = true;
        mark_states(v, to, reached);
    }
}

static void compare_components(const struct txn_view *v, uint32_t state_count)
{
    bool reached[2 * NODES_MAX][2 * NODES_MAX] = {0};
    struct txn_scc scc;
    uint32_t i, k;

    txn_scc_init(&scc, state_count);
    txn_scc_find(&scc, v, NULL, v->g->node_count);
    CHECK_INT(scc.order_len, state_count);
    for (i = 0; i < state_count; i++)
        mark_states(v, i, reached[i]);
    for (i = 0; i < state_count; i++)
        for (k = 0; k < state_count; k++) {
            bool same = i == k || (reached[i][k] && reached[k][i]);
            CHECK(same == (scc.component[i] == scc.component[k]));
            CHECK(!reached[i][k] || scc.component[k] <= scc.component[i]);
        }
    txn_scc_release(&scc);
}

TEST(components_are_those_that_reach_each_other)
{
    struct prng chance;
    int round;

    prng_init(&chance, 7, "components");
    for (round = 0; round < 60; round++) {
        uint32_t n = 2 + (uint32_t)prng_below(&chance, 20);
        struct txn_graph g;
        make_random(&g, n, (uint32_t)prng_below(&chance, 3 * n), &chance);
        compare_components(&(struct txn_view){&g, TXN_WW | TXN_WR | TXN_RW, false, NULL, 0}, n);
        compare_components(&(struct txn_view){&g, TXN_WW | TXN_WR, false, NULL, 0}, n);
        compare_components(&(struct txn_view){&g, TXN_WW | TXN_WR | TXN_RW, true, NULL, 0}, 2 * n);
        txn_graph_release(&g);
    }
}

TEST(a_long_chain_needs_no_deep_stack)
{
    enum { LONG = 1000000 };
    struct txn_graph g;
    struct txn_scc scc;
    uint32_t i;

    txn_graph_init(&g, LONG);
    for (i = 0; i < LONG; i++)
        txn_graph_add(&g, (struct txn_edge){i, (i + 1) % LONG, TXN_NONE, TXN_WW});
    txn_graph_finish(&g);
    txn_scc_init(&scc, LONG);
    txn_scc_find(&scc, &(struct txn_view){&g, TXN_WW, false, NULL, 0}, NULL, LONG);
    CHECK_INT(scc.component_count, 1);
    CHECK_INT(scc.sizes[0], LONG);
    txn_scc_release(&scc);
    txn_graph_release(&g);
}

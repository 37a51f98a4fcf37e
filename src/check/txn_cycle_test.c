/* Cycles of random graphs, held against all simple cycles by brute force. */
#include "txn_cycle.h"

#include "../base/prng.h"
#include "../base/test.h"

enum { NODES = 7 };

/* Edges as bits of kinds; a pair may have several. */
struct small {
    uint32_t kinds[NODES][NODES];
    uint64_t found;                       /* anomalies of simple cycles */
    uint32_t shortest[TXN_ANOMALY_COUNT]; /* by anomaly; 0: none */
};

static enum txn_anomaly anomaly_of(const uint32_t *kinds, uint32_t len)
{
    uint32_t i, rw = 0, wr = 0, in_a_row = 0;
    unsigned variant = 0;

    for (i = 0; i < len; i++) {
        rw += kinds[i] == TXN_RW;
        wr += kinds[i] == TXN_WR;
        in_a_row += kinds[i] == TXN_RW && kinds[(i + 1) % len] == TXN_RW;
        variant = kinds[i] == TXN_BY_PROCESS ? TXN_PROCESS : variant;
    }
    return variant + (rw == 1                   ? TXN_G_SINGLE_ITEM
                      : rw > 1 && in_a_row == 0 ? TXN_G_NONADJACENT_ITEM
                      : rw > 1                  ? TXN_G2_ITEM
                      : wr > 0                  ? TXN_G1C
                                                : TXN_G0);
}

static void walk(struct small *s, uint32_t start, uint32_t at, uint32_t used, uint32_t *kinds,
                 uint32_t len)
{
    uint32_t next, kind;

    for (next = start; next < NODES; next++)
        for (kind = TXN_WW; kind <= TXN_BY_PROCESS; kind *= 2) {
            if (!(s->kinds[at][next] & kind))
                continue;
            kinds[len] = kind;
            if (next != start) {
                if (!(used & 1u << next))
                    walk(s, start, next, used | 1u << next, kinds, len + 1);
                continue;
            }
            enum txn_anomaly anomaly = anomaly_of(kinds, len + 1);
            s->found |= TXN_BIT(anomaly);
            if (s->shortest[anomaly] == 0 || len + 1 < s->shortest[anomaly])
                s->shortest[anomaly] = len + 1;
        }
}

static void make(struct small *s, struct txn_graph *g, struct prng *chance)
{
    uint32_t edges = (uint32_t)prng_below(chance, 3 * NODES);
    uint32_t i, kinds[NODES + 1];

    memset(s, 0, sizeof(*s));
    txn_graph_init(g, NODES);
    for (i = 0; i < edges; i++) {
        uint32_t a = (uint32_t)prng_below(chance, NODES);
        uint32_t b = (uint32_t)prng_below(chance, NODES);
        uint32_t kind = 1u << prng_below(chance, 4);
        if (a == b || (kind == TXN_BY_PROCESS && a > b))
            continue; /* time does not go round */
        s->kinds[a][b] |= kind;
        txn_graph_add(g, (struct txn_edge){a, b, i, kind});
    }
    txn_graph_finish(g);
    for (i = 0; i < NODES; i++)
        walk(s, i, i, 1u << i, kinds, 0);
}

/* That a cycle is one: simple, of edges that exist, and of the anomaly it claims. */
static void check_cycle(const struct small *s, const struct txn_cycles *c,
                        const struct txn_cycle *cycle)
{
    uint32_t kinds[NODES];
    uint32_t used = 0;
    uint32_t i;

    CHECK(cycle->len >= 2 && cycle->len <= NODES);
    for (i = 0; i < cycle->len; i++) {
        const struct txn_edge *e = &c->edges[cycle->begin + i];
        CHECK(!(used & 1u << e->from));
        used |= 1u << e->from;
        CHECK(s->kinds[e->from][e->to] & e->kind);
        CHECK_INT(c->edges[cycle->begin + (i + 1) % cycle->len].from, e->to);
        kinds[i] = e->kind;
    }
    CHECK_INT(anomaly_of(kinds, cycle->len), cycle->anomaly);
    CHECK(cycle->len >= s->shortest[cycle->anomaly]);
}

TEST(what_is_found_refutes_what_all_cycles_refute)
{
    struct prng chance;
    uint32_t seen[TXN_ANOMALY_COUNT] = {0};
    uint32_t i;
    int round;

    prng_init(&chance, 3, "txn_cycle_test");
    for (round = 0; round < 4000; round++) {
        struct small s;
        struct txn_graph g;
        struct txn_cycles c;
        uint64_t found = 0;
        make(&s, &g, &chance);
        txn_cycles_find(&c, &g, true, false);
        for (i = 0; i < c.cycle_count; i++) {
            check_cycle(&s, &c, &c.cycles[i]);
            found |= TXN_BIT(c.cycles[i].anomaly);
            seen[c.cycles[i].anomaly]++;
        }
        CHECK((found & ~s.found) == 0);
        /* G1c refutes whatever G-nonadjacent does: that may go unsaid beside it. */
        CHECK(txn_refuted(found) == txn_refuted(s.found));
        txn_cycles_release(&c);
        txn_graph_release(&g);
    }
    for (i = TXN_G0; i < TXN_FOUND_COUNT; i++) /* the test has seen all but those of real time */
        CHECK(i == TXN_INTERNAL || i == TXN_LOST_UPDATE || seen[i] > 0 ||
              strstr(txn_anomaly_name(i), "-realtime") != NULL);
}

TEST(the_shortest_cycle_is_given)
{
    struct txn_graph g;
    struct txn_cycles c;
    uint32_t i;

    txn_graph_init(&g, 50);
    for (i = 0; i < 50; i++)
        txn_graph_add(&g, (struct txn_edge){i, (i + 1) % 50, 0, TXN_WW});
    txn_graph_add(&g, (struct txn_edge){20, 17, 0, TXN_WW});
    txn_graph_add(&g, (struct txn_edge){40, 31, 0, TXN_WW});
    txn_graph_finish(&g);
    txn_cycles_find(&c, &g, false, false);
    CHECK_INT(c.cycle_count, 1);
    CHECK_INT(c.cycles[0].anomaly, TXN_G0);
    CHECK_INT(c.cycles[0].len, 4);
    txn_cycles_release(&c);
    txn_graph_release(&g);
}

TEST(detours_cost_no_length_and_are_not_shown)
{
    uint32_t readers[20];
    struct txn_end writers[20];
    struct txn_graph g;
    struct txn_cycles c;
    uint32_t i;

    for (i = 0; i < 20; i++) {
        readers[i] = i;
        writers[i] = (struct txn_end){20 + i, 100 + i};
    }
    txn_graph_init(&g, 40);
    txn_graph_add_all(&g, readers, 20, writers, 20);
    txn_graph_add(&g, (struct txn_edge){33, 5, 7, TXN_WR});
    txn_graph_finish(&g);
    txn_cycles_find(&c, &g, false, false);
    CHECK_INT(c.cycle_count, 1);
    CHECK_INT(c.cycles[0].anomaly, TXN_G_SINGLE_ITEM);
    CHECK_INT(c.cycles[0].len, 2);
    CHECK_INT(c.edges[0].from, 5);
    CHECK_INT(c.edges[0].to, 33);
    CHECK_INT(c.edges[0].kind, TXN_RW);
    CHECK_INT(c.edges[0].value, 113);
    CHECK_INT(c.edges[1].kind, TXN_WR);
    txn_cycles_release(&c);
    txn_graph_release(&g);
}

/* Two chains of n transactions that read of each other's writes too late, or never. */
static void make_split(struct txn_graph *g, uint32_t n)
{
    uint32_t i;

    txn_graph_init(g, 2 * n);
    for (i = 0; i + 1 < n; i++) {
        txn_graph_add(g, (struct txn_edge){i, i + 1, i, TXN_WR});
        txn_graph_add(g, (struct txn_edge){n + i, n + i + 1, i, TXN_WR});
    }
    for (i = 0; i < n; i++) {
        txn_graph_add(g, (struct txn_edge){i, n + i, i, TXN_RW});
        if (i >= 5)
            txn_graph_add(g, (struct txn_edge){n + i, i - 5, i, TXN_RW});
    }
}

/* A search from each late read would walk to the end of a chain: N * N steps. */
TEST(a_split_brain_is_judged_in_linear_time)
{
    enum { N = 30000 };
    struct txn_graph g;
    struct txn_cycles c;

    make_split(&g, N);
    txn_graph_finish(&g);
    txn_cycles_find(&c, &g, false, false);
    CHECK_INT(c.counts[TXN_G_SINGLE_ITEM], 0);
    CHECK_INT(c.counts[TXN_G_NONADJACENT_ITEM], 1);
    txn_cycles_release(&c);
    txn_graph_release(&g);

    make_split(&g, N);
    txn_graph_add(&g, (struct txn_edge){2 * N - 1, 0, 0, TXN_WR}); /* one way back */
    txn_graph_finish(&g);
    txn_cycles_find(&c, &g, false, false);
    CHECK_INT(c.counts[TXN_G_SINGLE_ITEM], 1);
    CHECK_INT(c.cycles[0].len, N + 1); /* over to the other chain, along it, and back */
    txn_cycles_release(&c);
    txn_graph_release(&g);
}

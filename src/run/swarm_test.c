#include "swarm.h"

#include "../base/test.h"

static const struct swarm_limits wide = {
    .node_count = {1, 5},
    .clients_a_node = {1, 4},
    .rate = {10, 100},
    .latency_ns = {10000, 20000000},
    .interval_ns = {100000000, 1250000000},
    .fault_count = 7,
    .dist_count = 3,
    .topology_count = 6,
    .partition_count = 4,
    .schedule = true,
};

static bool within(int64_t value, const struct swarm_range *r)
{
    return value >= r->min && value <= r->max;
}

TEST(a_seed_always_draws_the_same)
{
    struct swarm_draw a, b;
    uint64_t seed;

    for (seed = 0; seed < 1000; seed++) {
        swarm_draw(&wide, seed, &a);
        swarm_draw(&wide, seed, &b);
        CHECK(a.node_count == b.node_count && a.clients_a_node == b.clients_a_node &&
              a.rate == b.rate && a.latency_ns == b.latency_ns && a.interval_ns == b.interval_ns &&
              a.faults == b.faults && a.dist == b.dist && a.topology == b.topology &&
              a.schedule_seeded == b.schedule_seeded);
    }
}

TEST(what_is_drawn_lies_within_the_limits_and_fills_them)
{
    struct swarm_draw d;
    uint32_t faults_seen = 0, faults_missing = 0, dists = 0, topologies = 0, nodes = 0;
    uint32_t partitions = 0;
    unsigned full = 0, three = 0, still = 0, seeded = 0, slow = 0, rivals = 0, news = 0;
    uint64_t seed;

    for (seed = 0; seed < 1000; seed++) {
        swarm_draw(&wide, seed, &d);
        CHECK(within(d.node_count, &wide.node_count));
        CHECK(within(d.clients_a_node, &wide.clients_a_node));
        CHECK(within(d.rate, &wide.rate));
        CHECK(within(d.interval_ns, &wide.interval_ns));
        CHECK(d.latency_ns == 0 || within(d.latency_ns, &wide.latency_ns));
        CHECK(d.faults < 1u << 7 && d.dist < 3 && d.topology < 6);
        faults_seen |= d.faults;
        faults_missing |= ~d.faults;
        dists |= 1u << d.dist;
        topologies |= 1u << d.topology;
        partitions |= 1u << d.partition;
        nodes |= 1u << d.node_count;
        full += d.node_count == 5;
        three += d.node_count == 3;
        still += d.latency_ns == 0;
        seeded += d.schedule_seeded;
        rivals += d.rivals;
        news += d.news;
        slow += d.rate < 32;
    }
    CHECK_INT(faults_seen, 127);
    CHECK_INT(faults_missing & 127, 127);
    CHECK_INT(dists, 7);
    CHECK_INT(topologies, 63);
    CHECK_INT(partitions, 15);
    CHECK_INT(nodes, 62);
    CHECK(full > 240 && full < 400);
    CHECK(three > 490 && three < 660);
    CHECK(still > 180 && still < 320);
    CHECK(seeded > 400 && seeded < 600);
    CHECK(rivals > 380 && rivals < 520);
    CHECK(news > 380 && news < 520);
    CHECK(slow > 400 && slow < 600); /* half of the powers, not half of the numbers */
}

static bool same(const struct swarm_draw *a, const struct swarm_draw *b)
{
    return a->node_count == b->node_count && a->clients_a_node == b->clients_a_node &&
           a->rate == b->rate && a->latency_ns == b->latency_ns &&
           a->interval_ns == b->interval_ns && a->faults == b->faults;
}

TEST(each_seed_has_a_setting_of_its_own)
{
    enum { SEEDS = 64 };
    struct swarm_draw d[SEEDS];
    size_t i, k;

    for (i = 0; i < SEEDS; i++) {
        swarm_draw(&wide, i, &d[i]);
        for (k = 0; k < i; k++)
            CHECK(!same(&d[i], &d[k]));
    }
}

TEST(what_is_fixed_is_never_drawn)
{
    static const struct swarm_limits fixed = {
        .node_count = {3, 3},
        .clients_a_node = {2, 2},
        .rate = {1234567, 1234567},
        .interval_ns = {1000000, 1000000},
    };
    struct swarm_draw d;
    uint64_t seed;

    for (seed = 0; seed < 100; seed++) {
        swarm_draw(&fixed, seed, &d);
        CHECK(d.node_count == 3 && d.clients_a_node == 2 && d.rate == 1234567);
        CHECK(d.latency_ns == 0 && d.interval_ns == 1000000 && d.faults == 0);
        CHECK(d.dist == 0 && d.topology == 0 && !d.schedule_seeded);
    }
}

TEST(one_more_fault_leaves_the_rest_of_the_setting_alone)
{
    struct swarm_limits more = wide;
    struct swarm_draw a, b;

    more.fault_count = 8;
    swarm_draw(&wide, 42, &a);
    swarm_draw(&more, 42, &b);
    CHECK(a.node_count == b.node_count && a.rate == b.rate && a.latency_ns == b.latency_ns);
    CHECK_INT(b.faults >> 1, a.faults);
}

TEST(drawn_values_can_be_typed)
{
    struct swarm_draw d;
    uint64_t seed;
    int64_t v;

    for (seed = 0; seed < 200; seed++) {
        swarm_draw(&wide, seed, &d);
        for (v = d.latency_ns; v >= 100; v /= 10)
            CHECK(v % 10 == 0);
    }
}

#include "seeds.h"

#include "../base/err.h"
#include "../base/test.h"

#include <math.h>

enum { SEEDS = 300 };

static void parse(char *const *argv, struct test_options *o)
{
    struct err err = {.text = ""};

    if (test_options_parse(argv, o, &err) < 0)
        fail_msg("%s", err.text);
}

static bool names_fault(const struct test_options *o, const char *name)
{
    uint32_t i;

    for (i = 0; i < o->nemesis_count; i++)
        if (strcmp(o->nemesis[i], name) == 0)
            return true;
    return false;
}

/* By itself, or right after messages. */
static bool has_fault(const struct test_options *o, const char *name)
{
    size_t len = strlen(name);
    uint32_t i;

    for (i = 0; i < o->nemesis_count; i++)
        if (strncmp(o->nemesis[i], name, len) == 0 &&
            (o->nemesis[i][len] == '\0' || strcmp(o->nemesis[i] + len, "-cue") == 0))
            return true;
    return false;
}

TEST(sizes_that_are_given_are_the_greatest)
{
    struct test_options o, drawn;
    uint64_t seed;

    parse((char *[]){"--bin", "node", "--seeds", "9", "--node-count", "4", "--concurrency", "3n",
                     "--rate", "50", "--latency", "10", "--nemesis-interval", "2", NULL},
          &o);
    for (seed = 0; seed < SEEDS; seed++) {
        seeds_options(&o, seed, &drawn);
        CHECK(drawn.node_count >= 1 && drawn.node_count <= 4);
        CHECK(drawn.concurrency % drawn.node_count == 0);
        CHECK(drawn.concurrency <= 3 * drawn.node_count);
        CHECK(drawn.rate >= 5 && drawn.rate <= 50);
        CHECK(drawn.latency_ns >= 0 && drawn.latency_ns <= 10000000);
        CHECK(drawn.nemesis_interval >= 0.5 && drawn.nemesis_interval <= 2);
        CHECK_TEXT(drawn.node_names[0], "n0");
        test_options_release(&drawn);
    }
    test_options_release(&o);
}

TEST(faults_that_are_named_are_all_that_there_may_be)
{
    struct test_options o, drawn;
    unsigned kills = 0, clocks = 0;
    uint64_t seed;

    parse((char *[]){"--bin", "node", "--seeds", "9", "--nemesis", "kill,clock", NULL}, &o);
    for (seed = 0; seed < SEEDS; seed++) {
        seeds_options(&o, seed, &drawn);
        kills += has_fault(&drawn, "kill");
        clocks += has_fault(&drawn, "clock");
        CHECK_INT(drawn.nemesis_count, has_fault(&drawn, "kill") + has_fault(&drawn, "clock"));
        test_options_release(&drawn);
    }
    CHECK(kills > SEEDS / 3 && kills < SEEDS * 2 / 3);
    CHECK(clocks > SEEDS / 3 && clocks < SEEDS * 2 / 3);
    test_options_release(&o);
}

/* Rivals are a partition and kills in one, and stand for both. */
TEST(rivals_come_only_with_leave)
{
    struct test_options o, cuts, kills, drawn;
    unsigned both = 0, news = 0, among_two = 0;
    uint64_t seed;

    parse((char *[]){"--bin", "node", "--seeds", "9", "--nemesis", "partition,kill", NULL}, &o);
    parse((char *[]){"--bin", "node", "--seeds", "9", "--nemesis", "partition", NULL}, &cuts);
    parse((char *[]){"--bin", "node", "--seeds", "9", "--nemesis", "kill", NULL}, &kills);
    for (seed = 0; seed < SEEDS; seed++) {
        seeds_options(&o, seed, &drawn);
        both += names_fault(&drawn, "rivals");
        among_two += drawn.node_count < 3 &&
                     (names_fault(&drawn, "rivals") || names_fault(&drawn, "partition-news"));
        CHECK(!names_fault(&drawn, "rivals") || drawn.nemesis_count == 1);
        test_options_release(&drawn);
        seeds_options(&cuts, seed, &drawn);
        news += names_fault(&drawn, "partition-news");
        CHECK(!names_fault(&drawn, "rivals"));
        test_options_release(&drawn);
        seeds_options(&kills, seed, &drawn);
        CHECK(!names_fault(&drawn, "rivals") && !names_fault(&drawn, "partition-news"));
        test_options_release(&drawn);
    }
    CHECK(both > SEEDS / 30 && news > SEEDS / 15);
    CHECK_INT(among_two, 0);
    test_options_release(&o);
    test_options_release(&cuts);
    test_options_release(&kills);
}

TEST(nobody_is_killed_unasked_and_none_means_none)
{
    struct test_options o, none, available, drawn;
    unsigned pauses = 0;
    uint64_t seed;

    parse((char *[]){"--bin", "node", "--seeds", "9", NULL}, &o);
    parse((char *[]){"--bin", "node", "--seeds", "9", "--nemesis", "none", NULL}, &none);
    parse((char *[]){"--bin", "node", "--seeds", "9", "--availability", "total", NULL}, &available);
    for (seed = 0; seed < SEEDS; seed++) {
        seeds_options(&o, seed, &drawn);
        CHECK(!has_fault(&drawn, "kill") && !has_fault(&drawn, "clock"));
        CHECK(!has_fault(&drawn, "duplicate"));
        pauses += has_fault(&drawn, "pause");
        test_options_release(&drawn);
        seeds_options(&none, seed, &drawn);
        CHECK_INT(drawn.nemesis_count, 0);
        test_options_release(&drawn);
        seeds_options(&available, seed, &drawn);
        CHECK(!has_fault(&drawn, "pause"));
        test_options_release(&drawn);
    }
    CHECK(pauses > SEEDS / 3);
    test_options_release(&o);
    test_options_release(&none);
    test_options_release(&available);
}

TEST(what_is_no_size_holds_for_every_seed)
{
    struct test_options o, drawn;
    uint64_t seed;

    parse((char *[]){"--bin",          "node",    "--seeds",    "9",
                     "--rate",         "max",     "--topology", "line",
                     "--latency-dist", "uniform", "--schedule", "fifo",
                     "--time-limit",   "3",       "--latency",  "0",
                     "--concurrency",  "2",       "a",          NULL},
          &o);
    for (seed = 0; seed < SEEDS; seed++) {
        seeds_options(&o, seed, &drawn);
        CHECK(isinf(drawn.rate) && drawn.latency_ns == 0 && drawn.time_limit == 3);
        CHECK_TEXT(drawn.topology, "line");
        CHECK(drawn.latency_dist == LATENCY_UNIFORM && !drawn.schedule_seeded);
        CHECK_INT(drawn.concurrency, 2);
        CHECK_TEXT(drawn.words[0], "a");
        test_options_release(&drawn);
    }
    test_options_release(&o);
}

TEST(swarm_off_draws_nothing)
{
    struct test_options o, drawn;
    uint64_t seed;

    parse((char *[]){"--bin", "node", "--seeds", "9", "--swarm", "off", "--nemesis", "kill", NULL},
          &o);
    for (seed = 0; seed < SEEDS; seed++) {
        seeds_options(&o, seed, &drawn);
        CHECK(drawn.node_count == 5 && drawn.concurrency == 5 && drawn.rate == 5);
        CHECK(drawn.nemesis_count == 1 && drawn.latency_ns == 0 && drawn.nemesis_interval == 10);
        CHECK(drawn.seeds == 0 && !drawn.swarm_off);
        test_options_release(&drawn);
    }
    test_options_release(&o);
}

#include "failure.h"

#include "../base/test.h"

#include <stdio.h>

static const char *const names[] = {"n1", "left"};

static void outline_is(const char *sentence, const char *wanted)
{
    struct buf out = {0};

    failure_outline(sentence, names, 2, &out);
    CHECK_TEXT(out.data, wanted);
    buf_release(&out);
}

TEST(an_outline_leaves_out_what_differs_from_run_to_run)
{
    outline_is("element 25 is lost: process 7 added it at n2", "element _ is lost");
    outline_is("element 2 is lost on n3: process 7 added it", "element _ is lost on _");
    outline_is("the id [1,2] was handed out 2 times: by n1", "the id _ was handed out _ times");
    outline_is("left was ended by signal 11 (Segmentation fault) while the run was going on; more",
               "_ was ended by signal _ (Segmentation fault) while the run was going on");
    outline_is("key 7: no order explains it, says c3", "no order explains it");
    outline_is("key 0: process 1: read 3 (from 3.415 s to 942 ms) fits no order; the rest",
               "read _ fits no order");
    outline_is("key 0: process 1: read null (from 3.4 s to 3.5 s) fits no order; the rest",
               "read _ fits no order");
    outline_is("at 900 ms it was late; more", "at _ it was late");
    outline_is("unbalanced (\"as here", "unbalanced (\"as here");
    outline_is("key [1, 2]: process x", "key _");
}

TEST(an_outline_keeps_the_names_of_fields)
{
    outline_is("n0 answered c10's request 2 (echo) with a body that lacks the field \"echo\"; more",
               "_ answered _ request _ (echo) with a body that lacks the field \"echo\"");
    outline_is("process 3 asked left to echo \"Please echo 35\"; at 3 s",
               "process _ asked _ to echo _");
}

TEST(an_outline_is_short)
{
    char sentence[1000];
    struct buf out = {0};
    size_t i;

    for (i = 0; i + 1 < sizeof(sentence); i++)
        sentence[i] = i % 8 == 7 ? ' ' : 'a';
    sentence[i] = '\0';
    failure_outline(sentence, names, 2, &out);
    CHECK(out.len > 0 && out.len <= FAILURE_KIND_MAX);
    buf_release(&out);
}

static void add(struct failure_groups *g, uint64_t seed, enum valid valid, const char *kind)
{
    char sentence[32];
    struct failure f = {.seed = seed, .valid = valid, .kind = kind, .sentence = sentence};

    snprintf(sentence, sizeof(sentence), "seed %d failed", (int)seed);
    failure_groups_add(g, &f);
}

TEST(groups_do_not_depend_on_the_order_of_failures)
{
    static const uint64_t orders[3][5] = {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {3, 5, 1, 2, 4}};
    size_t o, i;

    for (o = 0; o < 3; o++) {
        struct failure_groups g = {0};
        for (i = 0; i < 5; i++) {
            uint64_t seed = orders[o][i];
            add(&g, seed, seed == 1 ? VALID_UNKNOWN : VALID_FALSE, seed % 2 == 0 ? "even" : "odd");
        }
        CHECK_INT(g.count, 3);
        CHECK_TEXT(g.groups[0].first.kind, "even");
        CHECK_INT(g.groups[0].count, 2);
        CHECK_INT(g.groups[0].first.seed, 2);
        CHECK_TEXT(g.groups[0].first.sentence, "seed 2 failed");
        CHECK_INT(g.groups[1].first.seed, 3);
        CHECK_INT(g.groups[1].seeds[1], 5);
        CHECK_INT(g.groups[2].first.valid, VALID_UNKNOWN);
        CHECK_INT(g.groups[2].first.seed, 1);
        failure_groups_release(&g);
    }
}

TEST(a_group_shows_its_lowest_seeds)
{
    struct failure_groups g = {0};
    uint64_t seed;

    for (seed = 100; seed > 0; seed--)
        add(&g, seed, VALID_FALSE, "same");
    CHECK_INT(g.count, 1);
    CHECK_INT(g.groups[0].count, 100);
    CHECK_INT(g.groups[0].seed_count, FAILURE_SEEDS_MAX);
    for (seed = 0; seed < FAILURE_SEEDS_MAX; seed++)
        CHECK_INT(g.groups[0].seeds[seed], seed + 1);
    failure_groups_release(&g);
}

TEST(groups_have_a_cap)
{
    struct failure_groups g = {0};
    char kind[16];
    unsigned i;

    for (i = 0; i < FAILURE_GROUPS_MAX + 3; i++) {
        snprintf(kind, sizeof(kind), "kind %u", i);
        add(&g, i, VALID_FALSE, kind);
    }
    add(&g, 999, VALID_FALSE, "kind 0");
    CHECK_INT(g.count, FAILURE_GROUPS_MAX);
    CHECK_INT(g.others, 3);
    CHECK_INT(g.groups[0].count, 2);
    failure_groups_release(&g);
}

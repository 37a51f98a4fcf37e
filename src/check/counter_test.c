#include "counter.h"
#include "history_story.h"
#include "intervals.h"
#include "verdict.h"

#include "../base/prng.h"

#include <stdio.h>

static struct verdict judge(const char *text, struct counter_options options)
{
    struct history *h = story(text);
    struct verdict v;

    counter_check(h, &options, &v);
    history_free(h);
    return v;
}

static void check_detail(const struct verdict *v, const char *name, const char *wanted)
{
    char *text = json_dumps(json_object_get(v->details, name), JSON_ENCODE_ANY | JSON_COMPACT);

    CHECK_TEXT(text != NULL ? text : "(absent)", wanted);
    free(text);
}

TEST(certain_adds_have_one_sum)
{
    struct verdict v = judge("0@0 invoke add 2\n0 ok add 2\n0@0 invoke add 3\n0 ok add 3\n"
                             "1@1 invoke! read\n1 ok read 5\n2@2 invoke! read\n2 ok read 4\n",
                             (struct counter_options){0});

    CHECK_INT(v.valid, VALID_FALSE);
    check_detail(&v, "acceptable", "[[5,5]]");
    check_detail(&v, "final-reads", "[5,4]");
    check_detail(&v, "errors",
                 "[{\"index\":7,\"time\":7000000,\"process\":2,\"node\":\"n2\",\"final\":true,"
                 "\"value\":4}]");
    CHECK_TEXT(v.sentence, "the final read of n2 by process 2 at 7 ms shows 4, but the adds sum to "
                           "5 (0 of them have an unknown outcome and may count or not)");
    verdict_release(&v);
}

TEST(uncertain_adds_make_intervals)
{
    struct verdict v = judge("0@0 invoke add 10\n0 ok add 10\n1@0 invoke add 5\n1 info add 5\n"
                             "2@0 invoke add -1\n2 info add -1\n3@0 invoke add -1\n"
                             "4@1 invoke! read\n4 ok read 11\n4@1 invoke! read\n4 ok read 15\n"
                             "0@0 invoke add 100\n0 fail add 100\n",
                             (struct counter_options){0});

    CHECK_INT(v.valid, VALID_FALSE);
    check_detail(&v, "acceptable", "[[8,10],[13,15]]");
    check_detail(&v, "error-count", "1");
    CHECK_HAS(v.sentence, "shows 11, but the adds sum to 8 to 10 or 13 to 15 (3 of them");
    verdict_release(&v);
}

TEST(nothing_certain_is_unknown)
{
    const char *no_final = "0 invoke add 1\n0 ok add 1\n0 invoke read\n0 ok read 7\n";
    struct verdict v = judge(no_final, (struct counter_options){0});

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "no final read was answered");
    verdict_release(&v);
    v = judge(no_final, (struct counter_options){.maelstrom_verdict = true});
    CHECK_INT(v.valid, VALID_TRUE);
    verdict_release(&v);
    v = judge("0 invoke add \"x\"\n0 ok add \"x\"\n0 invoke! read\n0 ok read 7\n",
              (struct counter_options){0});
    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "process 0 adds \"x\"");
    verdict_release(&v);
}

TEST(a_final_read_that_is_no_integer_is_wrong)
{
    struct verdict v = judge("0 invoke add 1\n0 ok add 1\n0 invoke! read\n0 ok read 1.0\n",
                             (struct counter_options){0});

    CHECK_INT(v.valid, VALID_FALSE);
    verdict_release(&v);
}

TEST(strict_looks_at_every_read)
{
    static const struct {
        const char *text;
        enum valid valid;
    } cases[] = {
        {"0 invoke add 5\n0 ok add 5\n1 invoke read\n1 ok read 5\n1 invoke! read\n1 ok read 5\n",
         VALID_TRUE},
        {"0 invoke add 5\n1 invoke read\n1 ok read 0\n1 invoke read\n1 ok read 5\n0 ok add 5\n"
         "1 invoke! read\n1 ok read 5\n",
         VALID_TRUE},
        {"0 invoke add 5\n0 ok add 5\n1 invoke read\n1 ok read 4\n1 invoke! read\n1 ok read 5\n",
         VALID_FALSE},
        {"1 invoke read\n1 ok read 5\n0 invoke add 5\n0 ok add 5\n1 invoke! read\n1 ok read 5\n",
         VALID_FALSE},
        {"0 invoke add 5\n0 fail add 5\n1 invoke read\n1 ok read 5\n1 invoke! read\n1 ok read 0\n",
         VALID_FALSE},
        {"0 invoke add -5\n0 info add -5\n1 invoke read\n1 ok read -5\n1 invoke! read\n"
         "1 ok read 0\n",
         VALID_TRUE},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct verdict v = judge(cases[i].text, (struct counter_options){.strict = true});
        struct verdict loose = judge(cases[i].text, (struct counter_options){0});
        CHECK_INT(v.valid, cases[i].valid);
        CHECK_INT(loose.valid, VALID_TRUE);
        verdict_release(&v);
        verdict_release(&loose);
    }
}

/* Goal: the intervals are exactly the sums. Method: every subset of some random deltas. */
TEST(intervals_agree_with_all_subsets)
{
    enum { DELTAS = 8, SPAN = 1000 };
    struct prng chance;
    int round, subset, i;

    prng_init(&chance, 3, "subsets");
    for (round = 0; round < 3000; round++) {
        int64_t reach = prng_between(&chance, 1, 60);
        int64_t deltas[DELTAS];
        bool is_sum[2 * SPAN + 1] = {false};
        struct intervals set;
        intervals_init(&set, 7);
        for (i = 0; i < DELTAS; i++) {
            deltas[i] = prng_between(&chance, -reach, reach);
            intervals_choose(&set, deltas[i]);
        }
        for (subset = 0; subset < 1 << DELTAS; subset++) {
            int64_t sum = 7;
            for (i = 0; i < DELTAS; i++)
                sum += subset >> i & 1 ? deltas[i] : 0;
            is_sum[SPAN + sum] = true;
        }
        CHECK(!set.is_widened);
        for (i = -SPAN; i <= SPAN; i++)
            CHECK(intervals_has(&set, i) == is_sum[SPAN + i]);
        for (i = 1; i < (int)set.len; i++)
            CHECK(set.list[i].low > set.list[i - 1].high + 1);
        intervals_release(&set);
    }
}

TEST(too_many_intervals_are_widened_and_said)
{
    struct buf text = {0};
    struct verdict v;
    int i;

    for (i = 0; i < 20; i++)
        buf_addf(&text, "%d invoke add %lld\n", i, 3ll << (i + 1));
    buf_add_text(&text, "30 invoke! read\n30 ok read 18\n");
    v = judge(text.data, (struct counter_options){0});
    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "20 adds have an unknown outcome; their sums are too many");
    verdict_release(&v);
    buf_add_text(&text, "31 invoke! read\n31 ok read -1\n");
    v = judge(text.data, (struct counter_options){0});
    CHECK_INT(v.valid, VALID_FALSE);
    verdict_release(&v);
    buf_release(&text);
}

#include "checker.h"
#include "history_story.h"
#include "long_fork.h"
#include "verdict.h"

#include "../base/prng.h"

#include <stdio.h>

static struct verdict judge(const char *text)
{
    struct history *h = story(text);
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(checker_run(&long_fork_checker, h, NULL, &v, &err), 0);
    history_free(h);
    return v;
}

#define WRITES                                                                                     \
    "0 invoke write [[\"w\",1,1]]\n0 ok write [[\"w\",1,1]]\n"                                     \
    "1 invoke write [[\"w\",2,1]]\n1 ok write [[\"w\",2,1]]\n"
#define READ(process, one, two)                                                                    \
    process " invoke read [[\"r\",1,null],[\"r\",2,null]]\n" process " ok read [[\"r\",1," one     \
            "],[\"r\",2," two "]]\n"

TEST(writes_that_appear_in_one_order_are_valid)
{
    struct verdict v = judge(WRITES READ("2", "null", "null") READ("3", "1", "null")
                                 READ("2", "1", "1") READ("3", "1", "null"));

    CHECK_INT(v.valid, VALID_TRUE);
    CHECK_INT(json_integer_value(json_object_get(v.details, "reads-count")), 4);
    CHECK_INT(json_integer_value(json_object_get(v.details, "early-read-count")), 1);
    CHECK_INT(json_integer_value(json_object_get(v.details, "late-read-count")), 1);
    verdict_release(&v);
}

TEST(a_long_fork_is_told)
{
    struct verdict v = judge(WRITES READ("2", "1", "null") READ("3", "null", "1"));

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence,
               "a long fork: process 2 (read up to 5 ms) saw key 1 but not yet key 2, process 3 "
               "(read up to 7 ms) saw key 2 but not yet key 1; no one order of the writes explains "
               "both");
    CHECK_INT(json_integer_value(json_object_get(v.details, "fork-count")), 1);
    verdict_release(&v);
}

TEST(the_order_of_keys_in_a_read_plays_no_part)
{
    struct verdict v = judge("2 invoke read [[\"r\",1,null],[\"r\",2,null],[\"r\",3,null]]\n"
                             "2 ok read [[\"r\",1,5],[\"r\",2,6],[\"r\",3,null]]\n"
                             "2 invoke read [[\"r\",3,null],[\"r\",1,null],[\"r\",2,null]]\n"
                             "2 ok read [[\"r\",3,7],[\"r\",1,null],[\"r\",2,null]]\n");

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "saw key 3 but not yet key 1");
    verdict_release(&v);
}

TEST(what_does_not_fit_is_unknown)
{
    static const struct {
        const char *text, *word;
    } cases[] = {
        {WRITES "2 invoke write [[\"w\",1,2]]\n" READ("3", "1", "null") READ("4", "null", "1"),
         "written before"},
        {READ("3", "1", "null") READ("4", "2", "null"), "another read shows 1"},
        {WRITES READ("3", "1", "null"), "nothing to compare"},
        {"1 invoke read\n1 ok read [[1]]\n", "is no list such as"},
        {"1 invoke read\n1 ok read 5\n", "is no list such as"},
        {WRITES, "nothing to compare"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct verdict v = judge(cases[i].text);
        CHECK_INT(v.valid, VALID_UNKNOWN);
        CHECK_HAS(v.sentence, cases[i].word);
        verdict_release(&v);
    }
}

/* Goal: neighbours in order of size decide as all pairs do. Method: random reads of four keys. */
TEST(neighbours_decide_as_all_pairs_do)
{
    enum { READS = 5, KEYS = 4 };
    struct prng chance;

    prng_init(&chance, 5, "forks");
    for (int round = 0; round < 2000; round++) {
        unsigned seen[READS];
        bool fork = false;
        struct buf text = {0};
        struct verdict v;
        for (int i = 0; i < READS; i++) {
            seen[i] = (unsigned)prng_below(&chance, 1u << KEYS);
            if (prng_chance(&chance, 0.7)) /* most seeds: a chain */
                seen[i] = (1u << prng_below(&chance, KEYS + 1)) - 1;
            buf_add_text(&text, "0 invoke read\n0 ok read [");
            for (int k = 0; k < KEYS; k++)
                buf_addf(&text, "%s[\"r\",%d,%s]", k > 0 ? "," : "", k,
                         seen[i] >> k & 1 ? "1" : "null");
            buf_add_text(&text, "]\n");
        }
        for (int i = 0; i < READS; i++)
            for (int j = 0; j < i; j++)
                fork |= (seen[i] & ~seen[j]) != 0 && (seen[j] & ~seen[i]) != 0;
        v = judge(text.data);
        CHECK_INT(v.valid, fork ? VALID_FALSE : VALID_TRUE);
        verdict_release(&v);
        buf_release(&text);
    }
}

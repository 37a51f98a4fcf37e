#include "bank.h"
#include "checker.h"
#include "history_story.h"
#include "verdict.h"

static struct verdict judge(const char *text, json_t *options)
{
    struct history *h = story(text);
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(checker_run(&bank_checker, h, options, &v, &err), 0);
    json_decref(options);
    history_free(h);
    return v;
}

static void check_valid(const char *text, json_t *options, enum valid wanted)
{
    struct verdict v = judge(text, options);

    CHECK_INT(v.valid, wanted);
    verdict_release(&v);
}

#define MOVE "0 invoke transfer {\"from\":1,\"to\":2,\"amount\":3}\n"
#define MOVED "0 ok transfer {\"from\":1,\"to\":2,\"amount\":3}\n"

TEST(a_total_that_stays_is_valid)
{
    check_valid("1 invoke read\n1 ok read {\"1\":10,\"2\":0}\n" MOVE MOVED
                "1 invoke read\n1 ok read {\"1\":7,\"2\":3}\n",
                NULL, VALID_TRUE);
    check_valid("1 invoke read\n1 ok read {\"1\":10,\"2\":0}\n", json_pack("{s:i}", "total", 10),
                VALID_TRUE);
    /* What failed or got no answer shows nothing. */
    check_valid("1 invoke read\n1 ok read {\"1\":10}\n1 invoke read\n1 fail read {\"1\":1}\n"
                "1 invoke read\n1 info read\n",
                NULL, VALID_TRUE);
}

TEST(a_read_in_the_middle_of_a_transfer_is_wrong)
{
    struct verdict v = judge("1 invoke read\n1 ok read {\"1\":10,\"2\":0}\n" MOVE
                             "1 invoke read\n1 ok read {\"1\":7,\"2\":0}\n" MOVED
                             "2 invoke read\n2 ok read {\"1\":7,\"2\":3}\n",
                             NULL);
    json_t *wrong = json_object_get(json_object_get(v.details, "errors"), "wrong-total");

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence,
               "process 1: the read from 3 ms to 4 ms shows 7 in all, 3 too little: the accounts "
               "hold 10 in most reads; just that much was moved by the transfer that process 0 "
               "began at 2 ms, from 1 to 2");
    CHECK_INT(json_integer_value(json_object_get(v.details, "read-count")), 3);
    CHECK_INT(json_integer_value(json_object_get(v.details, "error-count")), 1);
    CHECK_INT(json_integer_value(json_object_get(wrong, "count")), 1);
    CHECK_INT(
        json_array_size(json_object_get(json_object_get(v.details, "explanation"), "operations")),
        3);
    verdict_release(&v);
}

TEST(too_much_is_wrong_too)
{
    struct verdict v = judge("1 invoke read\n1 ok read {\"1\":10,\"2\":0}\n" MOVE
                             "0 info transfer\n1 invoke read\n1 ok read {\"1\":10,\"2\":3}\n"
                             "1 invoke read\n1 ok read {\"1\":7,\"2\":3}\n",
                             NULL);

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "shows 13 in all, 3 too much");
    CHECK_HAS(v.sentence, "from 1 to 2, whose outcome is unknown");
    verdict_release(&v);
}

TEST(the_total_can_be_given)
{
    struct verdict v =
        judge("1 invoke read\n1 ok read {\"1\":10}\n", json_pack("{s:i}", "total", 12));

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence, "process 1: the read from 0 ns to 1 ms shows 10 in all, 2 too little: "
                           "the accounts hold 12");
    verdict_release(&v);
}

TEST(balances_below_zero_and_none)
{
    const char *below = "1 invoke read\n1 ok read {\"1\":12,\"2\":-2}\n";
    struct verdict v = judge(below, NULL);

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "shows a balance of -2 for account 2");
    verdict_release(&v);
    check_valid(below, json_pack("{s:b}", "negative_balances", 1), VALID_TRUE);
    v = judge("1 invoke read\n1 ok read {\"a\":null,\"b\":5}\n", NULL);
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "shows no balance for account a");
    verdict_release(&v);
}

TEST(what_cannot_be_summed_up_is_unknown)
{
    check_valid(MOVE MOVED, NULL, VALID_UNKNOWN);
    check_valid("1 invoke read\n1 ok read [1,2]\n", NULL, VALID_UNKNOWN);
    check_valid("1 invoke read\n1 ok read {\"1\":1.5}\n", NULL, VALID_UNKNOWN);
    check_valid("1 invoke read\n1 ok read {\"1\":9223372036854775807,\"2\":1}\n", NULL,
                VALID_UNKNOWN);
}

TEST(an_odd_total_is_refused)
{
    struct history *h = story("1 invoke read\n1 ok read {}\n");
    json_t *options = json_pack("{s:f}", "total", 1.5);
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(checker_run(&bank_checker, h, options, &v, &err), ERR_INPUT);
    CHECK_HAS(err.text, "total must be an integer");
    json_decref(options);
    history_free(h);
}

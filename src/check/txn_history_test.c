#include "txn_history.h"
#include "txn_story.h"

#include "../base/test.h"

static struct txn_history read_story(const char *text, enum txn_kind kind, struct history **ret_h)
{
    struct txn_history t;

    *ret_h = txn_story(text);
    txn_history_init(&t, *ret_h, kind);
    return t;
}

static void check_text(struct str got, const char *wanted)
{
    if (!str_is(got, wanted))
        fail_msg("\"%.*s\" instead of \"%s\"", STR_ARG(got), wanted);
}

TEST(transactions_come_in_order_of_invocation_with_their_outcome)
{
    struct history *h;
    struct txn_history t = read_story("p3 @5-6 ok a+1\np1 @0-9 fail a+2 b+3\np2 @1-2 info b=[]\n"
                                      "p4 @7-8 open a=[]\n",
                                      TXN_LISTS, &h);

    CHECK_INT(t.txn_count, 4);
    CHECK_INT(t.ok_count, 1);
    CHECK_INT(t.txns[0].process, 1);
    CHECK_INT(t.txns[0].status, TXN_FAILED);
    CHECK_INT(t.txns[0].mop_count, 2);
    CHECK_INT(t.txns[1].status, TXN_INFO);
    CHECK_INT(t.txns[2].status, TXN_OK);
    CHECK_INT(t.txns[3].status, TXN_INFO);
    CHECK_INT(t.txns[3].completion, HISTORY_NO_PAIR);
    check_text(txn_key_text(&t, 1), "\"b\"");
    check_text(txn_value_text(&t, t.mops[1].value), "3");
    check_text(txn_value_text(&t, TXN_NONE), "null");
    CHECK_INT(t.values.at[t.mops[1].value].writer, 0);
    txn_history_release(&t);
    history_free(h);
}

TEST(values_belong_to_their_key)
{
    struct history *h;
    struct txn_history t =
        read_story("ok a:1 b:1\nok a=1 b=1\nok a=\"1\" b=1.0\n", TXN_REGISTERS, &h);

    CHECK(t.unusable == NULL);
    CHECK_INT(t.values.count, 4);
    CHECK_INT(t.mops[2].value, t.mops[0].value);
    CHECK_INT(t.mops[3].value, t.mops[1].value);
    CHECK(t.mops[2].value != t.mops[3].value);
    CHECK_INT(t.values.at[t.mops[4].value].writer, TXN_NONE);
    txn_history_release(&t);
    history_free(h);
}

TEST(reads_are_beginnings_of_one_sequence)
{
    struct history *h;
    struct txn_history t =
        read_story("ok a=[]\nok a=[1]\nok a=[1,[2,\"]\"],3]\nok a=[1,[2,\"]\"]]\n"
                   "ok a=[1,[2]]\nok a=[1,[2,\"]\"],3,{\"x\":[4,5]}]\n",
                   TXN_LISTS, &h);
    static const uint32_t lens[] = {0, 1, 3, 2, 2, 4};
    uint32_t i;

    CHECK_INT(t.sequence_count, 2);
    for (i = 0; i < 6; i++) {
        CHECK_INT(t.mops[i].len, lens[i]);
        CHECK_INT(t.mops[i].sequence, i == 4 ? 1 : 0);
    }
    CHECK_INT(t.sequences[0].len, 4);
    check_text(txn_value_text(&t, t.sequences[0].elements[3]), "{\"x\":[4,5]}");
    CHECK_INT(t.malformed_count, 0);
    txn_history_release(&t);
    history_free(h);
}

TEST(many_sequences_of_one_key_keep_apart)
{
    struct history *h;
    struct txn_history t = read_story("ok a=[1]\nok a=[2]\nok a=[3]\nok a=[4]\nok a=[5]\nok a=[6]\n"
                                      "ok a=[1,2]\nok a=[6,7]\n",
                                      TXN_LISTS, &h);

    CHECK_INT(t.sequence_count, 7); /* the first is too long ago to be looked at */
    CHECK_INT(t.mops[7].sequence, t.mops[5].sequence);
    CHECK_INT(t.mops[7].len, 2);
    txn_history_release(&t);
    history_free(h);
}

TEST(an_answer_that_does_not_fit_may_have_happened)
{
    struct history *h;
    struct txn_history t = read_story("ok a=[1] b=5\n", TXN_LISTS, &h);

    CHECK_INT(t.ok_count, 0);
    CHECK_INT(t.txns[0].status, TXN_INFO);
    CHECK_INT(t.malformed_count, 1);
    CHECK_HAS(t.malformed[0].sentence, "gives 5 for the read of key \"b\" (operation 2)");
    CHECK_INT(t.mops[0].sequence, TXN_NONE);
    txn_history_release(&t);
    history_free(h);
}

TEST(thousands_of_values_are_found_again)
{
    struct txn_values v;
    char texts[3000][8];
    uint32_t i;

    txn_values_init(&v);
    for (i = 0; i < 3000; i++) {
        snprintf(texts[i], sizeof(texts[i]), "%u", i / 3);
        CHECK_INT(txn_values_put(&v, i % 3, str_of(texts[i])), i);
    }
    for (i = 0; i < 3000; i++)
        CHECK_INT(txn_values_put(&v, i % 3, str_of(texts[i])), i);
    CHECK_INT(v.count, 3000);
    txn_values_release(&v);
}

/* Golden histories: for each anomaly one that shows it and one beside it that does not. Sources:
 * Berenson and others 1995 (P0 to P4, A5A, A5B), Adya 1999 (G0 to G2), Fekete and others 2004 (the
 * read-only anomaly), Cerone and others 2015 (long fork), Kingsbury and Alvaro 2020 (Elle). */
#include "checker.h"
#include "txn_check.h"
#include "txn_model.h"
#include "txn_story.h"
#include "verdict.h"

#include "../base/mem.h"
#include "../base/test.h"

static const char LISTS[] = "list-append";
static const char REGISTERS[] = "rw-register";

static struct verdict judge(const char *checker, const char *text, const char *models)
{
    struct history *h = txn_story(text);
    struct err err = {.text = ""};
    json_t *options = json_pack("{s:[s]}", "consistency_models", models);
    struct verdict v;

    if (checker_run(checker_find(checker), h, options, &v, &err) < 0)
        fail_msg("%s", err.text);
    json_decref(options);
    history_free(h);
    return v;
}

/* "G0 G1a" */
static char *joined(const json_t *list)
{
    struct buf words = {0};
    size_t i;

    buf_add_text(&words, "");
    for (i = 0; i < json_array_size(list); i++)
        buf_addf(&words, "%s%s", i > 0 ? " " : "", json_string_value(json_array_get(list, i)));
    return words.data != NULL ? buf_take(&words) : mem_strdup("");
}

static void check_words(const struct verdict *v, const char *member, const char *wanted)
{
    char *words = joined(json_object_get(v->details, member));

    CHECK_TEXT(words, wanted);
    mem_free(words);
}

/* That the history shows just these anomalies and refutes, at the least, just these models. */
static void shows(const char *checker, const char *text, const char *types, const char *not_models)
{
    struct verdict v = judge(checker, text, "strict-serializable");

    check_words(&v, "anomaly-types", types);
    check_words(&v, "not", not_models);
    CHECK_INT(v.valid, types[0] == '\0' ? VALID_TRUE : VALID_FALSE);
    CHECK(v.valid == VALID_TRUE ? v.sentence == NULL : v.sentence != NULL);
    verdict_release(&v);
}

static void is_sound(const char *checker, const char *text)
{
    shows(checker, text, "", "");
}

static void check_model(const char *checker, const char *text, const char *model, enum valid valid)
{
    struct verdict v = judge(checker, text, model);

    if (v.valid != valid)
        fail_msg("%s: %d instead of %d: %s", model, v.valid, valid, v.sentence);
    verdict_release(&v);
}

/* Names with commas between. */
static void holds(const char *checker, const char *text, const char *models)
{
    check_model(checker, text, models, VALID_TRUE);
}

static void breaks(const char *checker, const char *text, const char *models)
{
    char *copy = mem_strdup(models);
    char *rest, *name;

    for (name = strtok_r(copy, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest))
        check_model(checker, text, name, VALID_FALSE);
    mem_free(copy);
}

/* Lists: anomalies that are no cycles. */

TEST(lists_in_order_are_sound)
{
    is_sound(LISTS, "@0-1 ok x+1 y=[]\n"
                    "@2-3 ok x=[1] x+2 x=[1,2]\n"
                    "@4-5 ok y+1 x=[1,2] y=[1]\n"
                    "@6-7 ok x=[1,2] y=[1]\n");
    is_sound(LISTS, "ok x=null\nok x=[]\nfail x+1\ninfo x+2\nopen x+3\nok x=[3]\n");
}

TEST(a_null_read_is_an_empty_list)
{
    shows(LISTS, "ok x=null x=[1]\nok x+1\n", "G-single-item internal",
          "consistent-view read-atomic repeatable-read");
    is_sound(LISTS, "ok x=null x+1 x=[1]\n");
}

TEST(an_aborted_read_is_G1a)
{
    const char *text = "fail x+1\nok x=[1]\n";

    shows(LISTS, text, "G1a", "read-committed");
    holds(LISTS, text, "read-uncommitted");
    breaks(LISTS, text, "read-committed,snapshot-isolation,serializable,prefix");
    is_sound(LISTS, "info x+1\nok x=[1]\n");
    is_sound(LISTS, "open x+1\nok x=[1]\n");
}

TEST(an_intermediate_read_is_G1b)
{
    shows(LISTS, "ok x+1 x+2\nok x=[1]\nok x=[1,2]\n", "G-single-item G1b", "read-committed");
    is_sound(LISTS, "ok x+1 x=[1] x+2\nok x=[1,2]\n");
    is_sound(LISTS, "ok x+1 y+2\nok x=[1]\n");
}

TEST(a_write_on_top_of_a_failed_one_is_a_dirty_update)
{
    shows(LISTS, "fail x+1\nok x+2\nok x=[1,2]\n", "G1a dirty-update", "read-committed");
    shows(LISTS, "fail x+1\ninfo x+2\nok x+3\nok x=[1,2,3]\n", "G1a dirty-update",
          "read-committed");
    shows(LISTS, "ok x+2\nfail x+1\nok x=[2,1]\n", "G1a", "read-committed");
}

TEST(an_element_twice_is_duplicate_elements)
{
    shows(LISTS, "ok x+1\nok x=[1,1]\n", "duplicate-elements", "read-uncommitted");
    shows(LISTS, "ok x+1 y+1\nok y=[1] x=[1]\n", "", "");
}

TEST(lists_that_are_no_beginnings_of_each_other_are_an_incompatible_order)
{
    shows(LISTS, "ok x+1\nok x+2\nok x=[1]\nok x=[2]\n", "incompatible-order", "read-committed");
    shows(LISTS, "ok x+1\nok x+2\nok x+3\nok x=[1,2]\nok x=[2,1,3]\n", "incompatible-order",
          "read-committed");
    shows(LISTS, "ok x+1\nok x+12\nok x=[12]\nok x=[1]\n", "incompatible-order", "read-committed");
    is_sound(LISTS, "ok x+1\nok x+2\nok x=[2]\nok x=[2,1]\n");
}

TEST(a_transaction_that_contradicts_itself_is_internal)
{
    const char *misses_its_own = "ok x+1 x=[]\n";

    shows(LISTS, misses_its_own, "internal", "read-atomic");
    holds(LISTS, misses_its_own, "read-committed");
    holds(LISTS, misses_its_own, "read-uncommitted,monotonic-view");
    breaks(LISTS, misses_its_own, "read-atomic,causal-cerone,snapshot-isolation,serializable");
    shows(LISTS, "ok x+1\nok x=[1] x+2 x=[2]\n", "incompatible-order internal", "read-committed");
    shows(LISTS, "ok x+1 x+2 x=[2,1]\n", "internal", "read-atomic");
    is_sound(LISTS, "ok x+1\nok x+2 x=[1,2] x+3 x=[1,2,3]\n");
}

TEST(appends_of_one_transaction_keep_their_order)
{
    const char *turned = "ok x+1 x+2\nok x=[2,1]\n";

    shows(LISTS, turned, "G1b incompatible-order", "read-committed");
    breaks(LISTS, turned, "read-committed,serializable");
    breaks(LISTS, "ok x+1 x+2\nok x=[2]\n", "read-committed");
    breaks(LISTS, "ok x+1 x+2 y+1 x+3\nok x=[1,3,2]\n", "serializable");
    is_sound(LISTS, "ok x+1 x+2\nok x=[1,2]\n");
    is_sound(LISTS, "ok x+1\nok x+2\nok x=[2,1]\n");
}

TEST(zeros_that_nobody_wrote_are_the_first_state)
{
    is_sound(REGISTERS, "ok x=0\nok x:1\nok x=1\n");
    is_sound(REGISTERS, "ok x=\"\"\nok y=false\n");
    breaks(REGISTERS, "ok x=7\n", "read-uncommitted");
}

TEST(a_read_of_its_own_future_is_G1c)
{
    const char *text = "ok x=[1] x+1\n";

    shows(LISTS, text, "future-read", "read-committed");
    breaks(LISTS, text, "read-committed");
    holds(LISTS, text, "read-uncommitted");
}

TEST(a_value_that_nobody_wrote_breaks_every_model)
{
    breaks(LISTS, "ok x+1\nok x=[9]\n", "read-uncommitted,PRAM,causal,strict-serializable");
    breaks(REGISTERS, "ok x:1\nok x=9\n", "read-uncommitted,PRAM,causal,strict-serializable");
    is_sound(REGISTERS, "ok x:1\nok x=1\n");
    breaks(LISTS, "ok x+1\nok x=[1.0]\n", "read-uncommitted"); /* as in Maelstrom, not 1 */
}

TEST(two_updates_of_one_version_are_a_lost_update)
{
    const char *text = "ok x=[] x+1\nok x=[] x+2\n";

    shows(LISTS, text, "G2-item lost-update", "cursor-stability update-atomic");
    breaks(LISTS, text, "cursor-stability,repeatable-read,serializable,update-atomic");
    holds(LISTS, text, "read-committed,read-atomic");
    is_sound(LISTS, "ok x=[] x+1\nok x=[1] x+2\n");
    is_sound(LISTS, "ok x=[] x+1\ninfo x=[] x+2\n");
}

/* Lists: cycles of data. */

TEST(P0_dirty_write_is_G0)
{
    const char *text = "ok x+1 y+1\nok x+2 y+2\nok x=[1,2] y=[2,1]\n";

    shows(LISTS, text, "G0", "read-uncommitted");
    breaks(LISTS, text, "read-uncommitted,PL-1,snapshot-isolation");
    is_sound(LISTS, "ok x+1 y+1\nok x+2 y+2\nok x=[1,2] y=[1,2]\n");
}

TEST(circular_information_flow_is_G1c)
{
    const char *text = "ok x+1 y=[1]\nok y+1 x=[1]\n";

    shows(LISTS, text, "G1c", "read-committed");
    holds(LISTS, text, "read-uncommitted");
    is_sound(LISTS, "ok x+1 y=[]\nok y+1 x=[1]\n");
}

TEST(A5A_read_skew_is_G_single)
{
    const char *text = "ok x+1 y+1\nok x=[] y=[1]\n";

    shows(LISTS, text, "G-single-item", "consistent-view repeatable-read");
    holds(LISTS, text, "read-committed,cursor-stability,monotonic-atomic-view");
    breaks(LISTS, text, "consistent-view,PL-2+,snapshot-isolation,repeatable-read,serializable");
    is_sound(LISTS, "ok x+1 y+1\nok x=[] y=[]\nok x=[1] y=[1]\n");
}

TEST(P2_fuzzy_read_is_G_single)
{
    shows(LISTS, "ok x=[] x=[1]\nok x+1\n", "G-single-item internal",
          "consistent-view read-atomic repeatable-read");
}

TEST(A5B_write_skew_is_G2_and_allowed_by_snapshots)
{
    const char *text = "ok x=[] y=[] x+1\nok x=[] y=[] y+1\n";

    shows(LISTS, text, "G2-item", "repeatable-read");
    holds(LISTS, text, "snapshot-isolation");
    breaks(LISTS, text, "repeatable-read,serializable,PL-3");
}

TEST(the_read_only_anomaly_is_G2_and_allowed_by_snapshots)
{
    const char *text = "ok x=[] y=[] x+11\nok y=[] y+20\nok x=[] y=[20]\n";

    shows(LISTS, text, "G2-item", "repeatable-read");
    holds(LISTS, text, "snapshot-isolation");
    is_sound(LISTS, "ok x=[] y=[] x+11\nok y=[] y+20\nok x=[11] y=[20]\n");
}

TEST(a_long_fork_is_G_nonadjacent)
{
    const char *text = "ok x+1\nok y+1\nok x=[1] y=[]\nok x=[] y=[1]\n";

    shows(LISTS, text, "G-nonadjacent-item", "repeatable-read snapshot-isolation");
    holds(LISTS, text, "parallel-snapshot-isolation,consistent-view,prefix");
    breaks(LISTS, text, "snapshot-isolation,serializable");
}

/* Elle's paper, section 7.1: TiDB retried a transaction on a newer version. */
TEST(a_retried_append_is_G_single)
{
    shows(LISTS, "ok a+2\nok a+1\nok a=[2,1] b+5 a+4\nok a+5\nok a=[2,1,5,4]\n", "G-single-item",
          "consistent-view repeatable-read");
}

TEST(appends_that_nobody_read_come_last)
{
    shows(LISTS, "ok x+1 y=[]\nok y+2 x=[]\n", "G2-item", "repeatable-read");
    shows(LISTS, "ok y=[] x+1\nok x=[1] x+2 y+3\nok x=[1] y=[3]\n", "G-single-item",
          "consistent-view repeatable-read");
    is_sound(LISTS, "ok x+1\nok x=[]\nok x=[]\nok x+2\n");
}

TEST(what_may_have_happened_counts_once_it_is_seen)
{
    shows(LISTS, "info x+1 y+1\nok x=[1] y=[]\n", "G-single-item",
          "consistent-view repeatable-read");
    is_sound(LISTS, "info x+1 y+1\nok x=[] y=[]\n");
    is_sound(LISTS, "fail x+1 y+1\nok x=[] y=[]\n");
}

/* Lists: cycles with the order of processes and of real time. */

TEST(a_process_that_forgets_breaks_sessions)
{
    const char *text = "p0 @0-9 ok x+1\np1 @1-2 ok x=[1]\np1 @3-4 ok x=[]\n";

    shows(LISTS, text, "G-single-item-process", "strong-session-snapshot-isolation");
    holds(LISTS, text, "serializable");
    breaks(LISTS, text, "strong-session-serializable,strong-snapshot-isolation");
    holds(LISTS, "p0 @0-9 ok x+1\np1 @1-2 ok x=[]\np1 @3-4 ok x=[1]\n", "strict-serializable");
}

TEST(a_stale_read_breaks_real_time)
{
    const char *text = "p0 @0-1 ok x+1\np1 @2-3 ok x=[]\np2 @4-5 ok x=[1]\n";

    shows(LISTS, text, "G-single-item-realtime", "strong-snapshot-isolation");
    holds(LISTS, text, "strong-session-serializable,serializable");
    breaks(LISTS, text, "strict-serializable,strong-snapshot-isolation");
    is_sound(LISTS, "p0 @0-2 ok x+1\np1 @2-3 ok x=[]\np2 @4-5 ok x=[1]\n");
}

TEST(writes_against_real_time_are_G0_realtime)
{
    const char *text = "@0-1 ok x+1\n@2-3 ok x+2\nok x=[2,1]\n";

    shows(LISTS, text, "G0-realtime", "strong-read-uncommitted");
    holds(LISTS, text, "serializable,strong-session-read-uncommitted");
    shows(LISTS, "p0 @0-1 ok x+1\np0 @2-3 ok x+2\nok x=[2,1]\n", "G0-process",
          "strong-session-read-uncommitted");
    is_sound(LISTS, "@0-1 ok x+1\n@2-3 ok x+2\nok x=[1,2]\n");
}

TEST(a_read_before_the_write_began_is_G1c_realtime)
{
    shows(LISTS, "@0-1 ok x=[1]\n@2-3 ok x+1\n", "G1c-realtime", "strong-read-committed");
    shows(LISTS, "p0 @0-1 ok x=[1]\np0 @2-3 ok x+1\n", "G1c-process",
          "strong-session-read-committed");
    shows(LISTS, "@0-1 ok x=[1]\n@2-3 info x+1\n", "G1c-realtime", "strong-read-committed");
    is_sound(LISTS, "@0-2 ok x=[1]\n@2-3 ok x+1\n");
}

TEST(cycles_of_several_reads_across_time)
{
    const char *apart = "@0-1 ok y+1\n@2-5 ok x=[]\n@0-5 ok x+1\n@0-5 ok x=[1] y=[]\n";
    const char *in_a_row = "@0-1 ok y+1\n@2-5 ok x=[]\n@0-5 ok x+1 y=[]\n";

    shows(LISTS, apart, "G-nonadjacent-item-realtime", "strong-snapshot-isolation");
    shows(LISTS, in_a_row, "G2-item-realtime", "strict-serializable");
    holds(LISTS, in_a_row, "strong-snapshot-isolation,strong-session-serializable");
    is_sound(LISTS, "@0-1 ok y+1\n@1-5 ok x=[]\n@0-5 ok x+1 y=[]\n");
}

/* Registers. */

TEST(registers_in_order_are_sound)
{
    is_sound(REGISTERS, "@0-1 ok x:1 y=null\n@2-3 ok x=1 x:2 x=2\n@4-5 ok x=2 y=null\n");
    is_sound(REGISTERS, "info x:1\nok x=1\nfail y:1\nok y=null\n");
}

TEST(registers_show_what_lists_show)
{
    shows(REGISTERS, "fail x:1\nok x=1\n", "G1a", "read-committed");
    shows(REGISTERS, "ok x:1 x:2\nok x=1\n", "G1b", "read-committed");
    is_sound(REGISTERS, "ok x:1 x=1 x:2\nok x=2\n");
    shows(REGISTERS, "ok x:1 x=null\n", "internal", "read-atomic");
    shows(REGISTERS, "ok x=null x=1\nok x:1\n", "G-single-item internal",
          "consistent-view read-atomic repeatable-read");
    shows(REGISTERS, "ok x=1 x:1\n", "future-read", "read-committed");
    shows(REGISTERS, "ok x:1 y=2\nok y:2 x=1\n", "G1c", "read-committed");
    shows(REGISTERS, "ok x:1 y:1\nok x=1 y=null\n", "G-single-item",
          "consistent-view repeatable-read");
    shows(REGISTERS, "ok x=null y:1\nok y=null x:1\n", "G2-item", "repeatable-read");
    shows(REGISTERS, "ok x=null x:1\nok x=null x:2\n", "G2-item lost-update",
          "cursor-stability update-atomic");
    shows(REGISTERS, "ok x:1\nok y:1\nok x=1 y=null\nok x=null y=1\n", "G-nonadjacent-item",
          "repeatable-read snapshot-isolation");
}

TEST(writes_that_follow_reads_order_versions)
{
    /* 1 < 2 by the second transaction; the last one saw 1 of x, but what came with 2. */
    shows(REGISTERS, "ok x:1\nok x=1 x:2 y:2\nok x=1 y=2\n", "G-single-item",
          "consistent-view repeatable-read");
    is_sound(REGISTERS, "ok x:1\nok x=1 x:2 y:2\nok x=2 y=2\nok x=1\n");
    /* x: 1 < 2, y: 2 < 1, both in ww alone. */
    shows(REGISTERS, "ok x:1 y=2 y:1\nok x=1 x:2 y:2\n", "G0", "read-uncommitted");
}

TEST(versions_that_replace_each_other_are_cyclic)
{
    shows(REGISTERS, "ok x=2 x:1\nok x=1 x:2\n", "G1c cyclic-versions", "read-uncommitted");
    is_sound(REGISTERS, "ok x=null x:1\nok x=1 x:2\n");
}

TEST(registers_in_real_time)
{
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 ok x=null\n", "G-single-item-realtime",
          "strong-snapshot-isolation");
    shows(REGISTERS, "@0-1 ok x=1\n@2-3 ok x:1\n", "G1c-realtime", "strong-read-committed");
    is_sound(REGISTERS, "@0-2 ok x:1\n@2-3 ok x=null\n");
}

/* What cannot be judged, and what must not crash. */

TEST(nothing_acknowledged_is_unknown)
{
    check_model(LISTS, "fail x+1\ninfo x+2\n", "serializable", VALID_UNKNOWN);
    check_model(LISTS, "", "serializable", VALID_UNKNOWN);
    check_model(REGISTERS, "info x:2 x=null\n", "read-committed", VALID_UNKNOWN);
    check_model(LISTS, "ok x=[]\nfail x+1\n", "serializable", VALID_TRUE);
}

TEST(values_that_are_not_unique_are_unknown)
{
    struct verdict v = judge(LISTS, "ok x+1\nok x+1\nok x=[1,1]\n", "serializable");

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "not unique");
    verdict_release(&v);
    is_sound(LISTS, "ok x+1\nok y+1\nok x=[1] y=[1]\n");
    check_model(LISTS, "ok x:1\n", "serializable", VALID_UNKNOWN);
    check_model(REGISTERS, "ok x:null\n", "serializable", VALID_UNKNOWN);
}

TEST(models_that_forbid_nothing_follow_from_stronger_ones)
{
    holds(LISTS, "@0-1 ok x+1\n@2-3 ok x=[1]\n", "linearizable");
    check_model(LISTS, "@0-1 ok x+1\n@2-3 ok x=[]\n", "linearizable", VALID_UNKNOWN);
    holds(LISTS, "@0-1 ok x+1\n@2-3 ok x=[]\n", "view-serializable,1SR");
    check_model(LISTS, "ok x=[] y+1\nok y=[] x+1\n", "view-serializable", VALID_UNKNOWN);
}

/* A reply as the program sent it; what was asked is fixed. */
static struct verdict judge_reply(const char *checker, const char *asked, const char *reply)
{
    struct history *h = history_new();
    struct op op = {.node = 1, .f = history_f(h, "txn"), .value = str_of(asked)};
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(history_add(h, &op, &err), 0);
    op.type = OP_OK;
    op.value = str_of(reply);
    CHECK_INT(history_add(h, &op, &err), 0);
    CHECK_INT(checker_run(checker_find(checker), h, NULL, &v, &err), 0);
    history_free(h);
    return v;
}

TEST(replies_that_are_no_answer)
{
    static const struct {
        const char *reply, *sentence;
    } cases[] = {
        {"null", "no list of operations"},
        {"7", "no list of operations"},
        {"{}", "no list of operations"},
        {"[]", "has 0 operations where 2 were asked for"},
        {"[[\"append\",9,1]]", "has 1 operations where 2 were asked for"},
        {"[[\"append\",9,1],[\"r\",9,[1]],[\"r\",9,[1]]]", "more than the 2 operations"},
        {"[[\"append\",9,2],[\"r\",9,[1]]]", "operation 1 wrote 2 where 1 was asked for"},
        {"[[\"append\",8,1],[\"r\",9,[1]]]", "names key 8 in operation 1 where key 9"},
        {"[[\"r\",9,1],[\"r\",9,[1]]]", "has \"r\" as operation 1 where \"append\""},
        {"[[\"append\",9,1],[\"r\",9,5]]", "gives 5 for the read of key 9"},
        {"[[\"append\",9,1],[\"r\",9,\"[1]\"]]", "gives \"[1]\" for the read of key 9"},
        {"[[\"append\",9,1],[\"r\",9,{\"a\":[1]}]]", "no list"},
        {"[[\"append\",9,1],[\"r\",9]]", "operation 2 no list of a function, a key and a value"},
        {"[[\"append\",9,1],[\"r\",9,[1],2]]", "operation 2 no list"},
        {"[[\"append\",9,1],5]", "operation 2 no list"},
        {"[[\"append\",9,1] ", "no list"},
        {"[[\"append\",9,1],[\"r\",9,[1", "no list"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct verdict v = judge_reply(LISTS, "[[\"append\",9,1],[\"r\",9,null]]", cases[i].reply);
        CHECK_INT(v.valid, VALID_FALSE);
        CHECK_HAS(v.sentence, "the reply of n1 to the transaction of process 0");
        CHECK_HAS(v.sentence, cases[i].sentence);
        check_words(&v, "anomaly-types", "malformed-txn");
        verdict_release(&v);
    }
}

TEST(replies_that_are_answers)
{
    static const char *const replies[] = {
        "[[\"append\",\"a,b\",[1,{\"x\":\"]\"}]],[\"r\",{\"k\":[2]},null]]",
        "[[\"append\",\"a,b\",[1,{\"x\":\"]\"}]],[\"r\",{\"k\":[2]},[]]]",
    };
    size_t i;

    for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        struct verdict v = judge_reply(LISTS, replies[0], replies[i]);
        CHECK_INT(v.valid, VALID_TRUE);
        verdict_release(&v);
    }
}

/* Values that nobody read before they were overwritten: only time says which came first. */
TEST(real_time_orders_versions_of_registers)
{
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 ok x:2\n@4-5 ok x=2\n", "", "");
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 ok x:2\n@4-5 ok x=1\n", "G-single-item-realtime",
          "strong-snapshot-isolation");
    /* Overlapping writes may come in either order, but in one. */
    shows(REGISTERS, "@0-3 ok x:1\n@0-3 ok x:2\n@4-5 ok x=1\n@6-7 ok x=1\n", "", "");
    shows(REGISTERS, "@0-3 ok x:1\n@0-3 ok x:2\n@4-5 ok x=1\n@6-7 ok x=2\n",
          "G-single-item-realtime", "strong-snapshot-isolation");
    /* A value over in a moment, inside the reign of another. */
    shows(REGISTERS, "@0-1 ok x:1\n@2-9 ok x:2\n@10-11 ok x=1\n", "G-single-item-realtime",
          "strong-snapshot-isolation");
    shows(REGISTERS, "@0-1 ok x:1\n@2-12 ok x:2\n@10-11 ok x=1\n", "", "");
    /* A write without an answer that was read counts from its begin on. */
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 info x:2\n@4-5 ok x=2\n@6-7 ok x=1\n",
          "G-single-item-realtime", "strong-snapshot-isolation");
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 info x:2\n@4-5 ok x=1\n", "", "");
    /* Keys are no concern of each other, nor are values that failed or stood in the middle. */
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 ok y:1\n@4-5 ok x=1 y=1\n", "", "");
    shows(REGISTERS, "@0-1 ok x:1\n@2-3 fail x:2\n@4-5 ok x=1\n", "", "");
    shows(REGISTERS, "@0-1 ok x:1 x:2\n@4-5 ok x=2\n", "", "");
}

TEST(models_without_real_time_ask_nothing_of_it)
{
    struct verdict v =
        judge(REGISTERS, "@0-1 ok x:1\n@2-3 ok x:2\n@4-5 ok x=1\n", "strong-session-serializable");

    CHECK_INT(v.valid, VALID_TRUE);
    verdict_release(&v);
    v = judge(REGISTERS, "@0-1 ok x:1\n@2-3 ok x:2\n@4-5 ok x=1\n", "strict-serializable");
    CHECK_HAS(v.sentence, "key \"x\" held two values each before the other: ");
    CHECK_HAS(v.sentence, "which wrote 1, was complete before");
    verdict_release(&v);
}

static enum valid valid_short(const char *answer)
{
    struct history *h = history_new();
    struct op op = {.node = 1, .f = history_f(h, "txn")};
    struct err err = {.text = ""};
    struct verdict v;
    enum valid valid;

    op.value = STR_LIT("[[\"r\",1],[\"append\",12,5]]");
    CHECK_INT(history_add(h, &op, &err), 0);
    op.type = OP_OK;
    op.value = str_of(answer);
    CHECK_INT(history_add(h, &op, &err), 0);
    CHECK_INT(checker_run(checker_find(LISTS), h, NULL, &v, &err), 0);
    valid = v.valid;
    verdict_release(&v);
    history_free(h);
    return valid;
}

/* As in some of Elle's tests; an answer says it whole. */
TEST(a_read_may_leave_its_null_out)
{
    CHECK_INT(valid_short("[[\"r\",1,[]],[\"append\",12,5]]"), VALID_TRUE);
    CHECK_INT(valid_short("[[\"r\",1,null],[\"append\",12,5]]"), VALID_TRUE);
    CHECK_INT(valid_short("[[\"r\",1],[\"append\",12,5]]"), VALID_FALSE);
    CHECK_INT(valid_short("[[\"r\",12],[\"append\",12,5]]"), VALID_FALSE);
    CHECK_INT(valid_short("[[\"r\",12,[]],[\"append\",12,5]]"), VALID_FALSE);
}

TEST(a_model_that_does_not_exist_is_an_error)
{
    struct history *h = history_new();
    json_t *options = json_pack("{s:[s,s]}", "consistency_models", "PL-2", "serialisable");
    struct err err = {.text = ""};
    struct verdict v;

    CHECK(checker_run(&list_append_checker, h, options, &v, &err) < 0);
    CHECK_HAS(err.text, "\"serialisable\"");
    CHECK_HAS(err.text, "did you mean serializable?");
    json_decref(options);
    history_free(h);
}

TEST(models_in_one_text_or_in_several)
{
    const char *text = "fail x+1\nok x=[1]\n";

    check_model(LISTS, text, "read-uncommitted,read-committed", VALID_FALSE);
    check_model(LISTS, text, "read-uncommitted , read-committed", VALID_FALSE);
    check_model(LISTS, text, "read-uncommitted", VALID_TRUE);
    check_model(LISTS, text, "", VALID_FALSE); /* as if the option were not there */
}

TEST(what_is_allowed_is_shown_apart)
{
    struct verdict v = judge(LISTS, "ok x+1 y=[]\nok y+1 x=[]\n", "snapshot-isolation");

    CHECK_INT(v.valid, VALID_TRUE);
    check_words(&v, "anomaly-types", "");
    check_words(&v, "not", "repeatable-read");
    CHECK(json_object_get(json_object_get(v.details, "allowed-anomalies"), "G2-item") != NULL);
    verdict_release(&v);
}

TEST(a_cycle_is_told_edge_by_edge)
{
    struct verdict v = judge(LISTS, "p0 @0-1 ok x+1\np1 @2-3 ok x=[]\n", "strict-serializable");

    CHECK_TEXT(v.sentence,
               "the transactions are not strict-serializable: a cycle with one read of an "
               "overwritten value (G-single-item-realtime): T1 (process 1 at n1, 2 ms to 3 ms) "
               "read key \"x\" as [], without the 1 that T2 (process 0 at n0, 0 ns to 1 ms) "
               "appended; T2 was complete at 1 ms before T1 began at 2 ms");
    verdict_release(&v);
}

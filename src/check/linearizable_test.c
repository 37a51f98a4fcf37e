/* The checker as scenarios call it: verdicts, sentences and evidence, told as stories. As many
 * broken histories as sound ones for each model; tests/fuzz_lin.c has the rest. */
#include "linearizable.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "checker.h"
#include "history_story.h"
#include "lin_model.h"
#include "verdict.h"

static struct verdict judge(const char *model, const char *text)
{
    struct history *h = story(text);
    struct linearizable_options o = {lin_model_find(model), lin_model_find(model)->keyed,
                                     LINEARIZABLE_BUDGET};
    struct verdict v;

    linearizable_check(h, &o, &v);
    history_free(h);
    return v;
}

static enum valid valid(const char *model, const char *text)
{
    struct verdict v = judge(model, text);
    enum valid answer = v.valid;

    verdict_release(&v);
    return answer;
}

#define SOUND(model, text) CHECK_INT(valid(model, text), VALID_TRUE)
#define BROKEN(model, text) CHECK_INT(valid(model, text), VALID_FALSE)

TEST(a_register_starts_as_null)
{
    SOUND("register", "0 invoke read\n 0 ok read null\n");
    BROKEN("register", "0 invoke read\n 0 ok read 0\n");
}

/* With one option more. */
static enum valid valid_from(const char *model, const char *initial, const char *text)
{
    struct history *h = story(text);
    json_t *options = json_pack("{s:s, s:o}", "model", model, "initial",
                                json_loads(initial, JSON_DECODE_ANY, NULL));
    struct err err = {.text = ""};
    struct verdict v;
    enum valid answer;

    CHECK_INT(checker_run(&linearizable_checker, h, options, &v, &err), 0);
    answer = v.valid;
    verdict_release(&v);
    json_decref(options);
    history_free(h);
    return answer;
}

TEST(a_register_starts_as_the_option_says)
{
    CHECK_INT(valid_from("register", "0", "0 invoke read\n 0 ok read 0\n"), VALID_TRUE);
    CHECK_INT(valid_from("register", "0", "0 invoke read\n 0 ok read null\n"), VALID_FALSE);
    CHECK_INT(valid_from("register", "[1]",
                         "0 invoke cas [[1],2]\n 0 ok cas [[1],2]\n"
                         "0 invoke read\n 0 ok read 2\n"),
              VALID_TRUE);
    CHECK_INT(valid_from("cas-register", "7",
                         "0 invoke read [1,null]\n 0 ok read [1,7]\n"
                         "0 invoke read [2,null]\n 0 ok read [2,7]\n"),
              VALID_TRUE);
    CHECK_INT(valid_from("cas-register", "7",
                         "0 invoke write [1,7]\n 1 invoke write [1,8]\n"
                         "0 ok write [1,7]\n 1 ok write [1,8]\n"
                         "0 invoke read [1,null]\n 0 ok read [1,6]\n"),
              VALID_FALSE);
}

TEST(only_registers_start_as_something_else)
{
    static const char *const models[] = {"mutex", "append-kv", "queue", "set", "list"};

    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
        struct history *h = story("0 invoke read\n");
        json_t *options = json_pack("{s:s, s:i}", "model", models[i], "initial", 1);
        struct err err = {.text = ""};
        struct verdict v;
        CHECK_INT(checker_run(&linearizable_checker, h, options, &v, &err), ERR_INPUT);
        CHECK_HAS(err.text, "initial is for registers");
        json_decref(options);
        history_free(h);
    }
}

TEST(a_value_that_nobody_wrote_is_told)
{
    struct verdict v = judge("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke read\n"
                                         "0 ok read 3\n");
    struct verdict w = judge("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke write 2\n"
                                         "0 ok write 2\n 0 invoke read\n 0 ok read 1\n");

    CHECK_INT(json_integer_value(
                  json_object_get(json_object_get(v.details, "explanation"), "nobody-wrote")),
              3);
    CHECK(json_object_get(json_object_get(w.details, "explanation"), "nobody-wrote") == NULL);
    verdict_release(&v);
    verdict_release(&w);
}

TEST(a_transaction_on_registers_happens_at_one_moment)
{
    SOUND("multi-register", "0 invoke txn [[\"write\",1,5],[\"write\",2,5]]\n"
                            "1 invoke txn [[\"read\",1,null],[\"read\",2,null]]\n"
                            "1 ok txn [[\"read\",1,5],[\"read\",2,5]]\n"
                            "0 info txn\n");
    BROKEN("multi-register", "0 invoke txn [[\"write\",1,5],[\"write\",2,5]]\n"
                             "1 invoke txn [[\"read\",1,null],[\"read\",2,null]]\n"
                             "1 ok txn [[\"read\",1,5],[\"read\",2,null]]\n"
                             "0 info txn\n");
    SOUND("multi-register", "0 invoke txn [[\"w\",\"a\",5],[\"r\",\"a\",null]]\n"
                            "0 ok txn [[\"w\",\"a\",5],[\"r\",\"a\",5]]\n");
    BROKEN("multi-register", "0 invoke txn [[\"r\",\"a\",null],[\"w\",\"a\",5]]\n"
                             "0 ok txn [[\"r\",\"a\",5],[\"w\",\"a\",5]]\n");
    BROKEN("multi-register", "0 invoke txn [[\"w\",1,5]]\n 0 ok txn [[\"w\",1,5]]\n"
                             "0 invoke txn [[\"r\",\"1\"],[\"r\",1]]\n"
                             "0 ok txn [[\"r\",\"1\",5],[\"r\",1,5]]\n");
    CHECK_INT(valid("multi-register", "0 invoke txn [[\"delete\",1]]\n"), VALID_UNKNOWN);
    CHECK_INT(valid("multi-register", "0 invoke txn 5\n"), VALID_UNKNOWN);
}

TEST(a_read_shows_the_last_write_or_one_that_overlaps)
{
    SOUND("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke write 2\n 1 invoke read\n"
                      "1 ok read 1\n 1 invoke read\n 1 ok read 2\n 0 ok write 2\n");
    BROKEN("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke write 2\n 1 invoke read\n"
                       "1 ok read 2\n 1 invoke read\n 1 ok read 1\n 0 ok write 2\n");
    BROKEN("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke write 2\n 0 ok write 2\n"
                       "1 invoke read\n 1 ok read 1\n");
}

TEST(an_indeterminate_write_may_happen_late_or_never)
{
    SOUND("register", "0 invoke write 1\n 0 info write 1\n 1 invoke read\n 1 ok read null\n"
                      "1 invoke read\n 1 ok read 1\n");
    SOUND("register", "0 invoke write 1\n 0 info write 1\n 1 invoke read\n 1 ok read null\n");
    BROKEN("register", "0 invoke write 1\n 0 info write 1\n 1 invoke read\n 1 ok read 1\n"
                       "1 invoke read\n 1 ok read null\n");
}

TEST(a_failed_write_did_not_happen)
{
    SOUND("register", "0 invoke write 1\n 0 fail write 1\n 1 invoke read\n 1 ok read null\n");
    BROKEN("register", "0 invoke write 1\n 0 fail write 1\n 1 invoke read\n 1 ok read 1\n");
}

TEST(keys_of_lin_kv_are_registers_of_their_own)
{
    SOUND("cas-register", "0 invoke write [1,5]\n 0 ok write [1,5]\n 1 invoke cas [1,[5,6]]\n"
                          "1 ok cas [1,[5,6]]\n 0 invoke read [2,null]\n 0 ok read [2,null]\n"
                          "0 invoke read [1,null]\n 0 ok read [1,6]\n");
    BROKEN("cas-register", "0 invoke write [1,5]\n 0 ok write [1,5]\n"
                           "1 invoke cas [2,[5,6]]\n 1 ok cas [2,[5,6]]\n");
}

TEST(kv_forgets_what_is_deleted)
{
    SOUND("kv", "0 invoke put [\"a\",1]\n 0 ok put [\"a\",1]\n 0 invoke delete [\"a\",null]\n"
                "0 ok delete [\"a\",null]\n 0 invoke get [\"a\",null]\n 0 ok get [\"a\",null]\n");
    BROKEN("kv", "0 invoke put [\"a\",1]\n 0 ok put [\"a\",1]\n 0 invoke delete [\"a\",null]\n"
                 "0 ok delete [\"a\",null]\n 0 invoke get [\"a\",null]\n 0 ok get [\"a\",1]\n");
}

TEST(texts_grow_in_one_order_for_all)
{
    SOUND("append-kv",
          "0 invoke append [1,\"a\"]\n 1 invoke append [1,\"b\"]\n 0 ok append [1,\"a\"]\n"
          "1 ok append [1,\"b\"]\n 0 invoke get [1,null]\n 0 ok get [1,\"ba\"]\n");
    BROKEN("append-kv",
           "0 invoke append [1,\"a\"]\n 1 invoke append [1,\"b\"]\n 0 ok append [1,\"a\"]\n"
           "1 ok append [1,\"b\"]\n 0 invoke get [1,null]\n 0 ok get [1,\"ba\"]\n"
           "1 invoke get [1,null]\n 1 ok get [1,\"ab\"]\n");
    BROKEN("append-kv", "0 invoke append [1,\"a\"]\n 0 ok append [1,\"a\"]\n"
                        "0 invoke get [1,null]\n 0 ok get [1,\"aa\"]\n");
}

TEST(a_mutex_has_one_owner)
{
    SOUND("mutex", "0 invoke acquire\n 1 invoke acquire\n 0 ok acquire\n 0 invoke release\n"
                   "1 ok acquire\n 0 ok release\n");
    BROKEN("mutex", "0 invoke acquire\n 1 invoke acquire\n 0 ok acquire\n 1 ok acquire\n");
    BROKEN("mutex", "0 invoke acquire\n 0 ok acquire\n 1 invoke release\n 1 ok release\n");
}

TEST(a_lost_acquire_may_hold_the_mutex_or_not)
{
    SOUND("mutex", "0 invoke acquire\n 0 info acquire\n 1 invoke acquire\n 1 ok acquire\n");
    BROKEN("mutex", "0 invoke acquire\n 0 info acquire\n 1 invoke acquire\n 1 ok acquire\n"
                    "2 invoke acquire\n 2 ok acquire\n");
}

TEST(fencing_tokens_rise)
{
    SOUND("fenced-lock", "0 invoke acquire\n 0 ok acquire 3\n 0 invoke release 3\n"
                         "0 ok release 3\n 1 invoke acquire\n 1 ok acquire 7\n");
    BROKEN("fenced-lock", "0 invoke acquire\n 0 ok acquire 3\n 0 invoke release 3\n"
                          "0 ok release 3\n 1 invoke acquire\n 1 ok acquire 3\n");
}

TEST(a_queue_is_first_in_first_out)
{
    SOUND("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 0 invoke enqueue 2\n 0 ok enqueue 2\n"
                   "1 invoke dequeue\n 1 ok dequeue 1\n 1 invoke dequeue\n 1 ok dequeue 2\n"
                   "1 invoke dequeue\n 1 ok dequeue null\n");
    BROKEN("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 0 invoke enqueue 2\n 0 ok enqueue 2\n"
                    "1 invoke dequeue\n 1 ok dequeue 2\n");
    BROKEN("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 1 invoke dequeue\n"
                    "1 ok dequeue null\n 1 invoke dequeue\n 1 ok dequeue 1\n");
}

TEST(a_lost_dequeue_may_have_taken_the_head)
{
    SOUND("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 0 invoke enqueue 2\n 0 ok enqueue 2\n"
                   "1 invoke dequeue\n 1 info dequeue\n 2 invoke dequeue\n 2 ok dequeue 2\n");
    BROKEN("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 0 invoke enqueue 2\n 0 ok enqueue 2\n"
                    "2 invoke dequeue\n 2 ok dequeue 2\n 1 invoke dequeue\n 1 info dequeue\n");
}

TEST(a_set_holds_what_was_added_and_not_removed)
{
    SOUND("set", "0 invoke add 1\n 0 ok add 1\n 0 invoke remove 1\n 1 invoke contains 1\n"
                 "1 ok contains [1,true]\n 0 ok remove 1\n 1 invoke contains 1\n"
                 "1 ok contains [1,false]\n 1 invoke read\n 1 ok read []\n");
    BROKEN("set", "0 invoke add 1\n 0 ok add 1\n 1 invoke contains 1\n"
                  "1 ok contains [1,false]\n");
    BROKEN("set", "0 invoke add 1\n 0 ok add 1\n 0 invoke read\n 0 ok read [1,1]\n");
}

TEST(a_counter_counts)
{
    SOUND("counter", "0 invoke add 5\n 1 invoke read\n 1 ok read 0\n 1 invoke read\n"
                     "1 ok read 5\n 0 ok add 5\n");
    BROKEN("counter", "0 invoke add 5\n 1 invoke read\n 1 ok read 5\n 1 invoke read\n"
                      "1 ok read 0\n 0 ok add 5\n");
}

TEST(a_list_grows_at_its_end)
{
    SOUND("list", "0 invoke append 1\n 0 ok append 1\n 0 invoke append 2\n 1 invoke read\n"
                  "1 ok read [1,2]\n 0 ok append 2\n");
    BROKEN("list", "0 invoke append 1\n 0 ok append 1\n 0 invoke append 2\n 1 invoke read\n"
                   "1 ok read [2,1]\n 0 ok append 2\n");
}

/* ---- explanations ---- */

TEST(a_violation_is_one_sentence_and_the_operations_it_takes)
{
    struct verdict v = judge("cas-register", "0 invoke write [7,1]\n 0 ok write [7,1]\n"
                                             "2 invoke read [7,null]\n 2 ok read [7,1]\n"
                                             "0 invoke write [7,2]\n 0 ok write [7,2]\n"
                                             "2 invoke read [8,null]\n 2 ok read [8,null]\n"
                                             "1 invoke read [7,null]\n 1 ok read [7,1]\n");
    const json_t *explanation = json_object_get(v.details, "explanation");
    const json_t *ops = json_object_get(explanation, "operations");

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence, "key 7: process 1: read 1 (from 8 ms to 9 ms) fits no order; the "
                           "register can by then only be 2. These 3 operations contradict each "
                           "other, whatever the others did");
    CHECK_INT(json_array_size(ops), 3);
    CHECK_INT(json_integer_value(json_object_get(json_array_get(ops, 0), "index")), 0);
    CHECK_INT(json_integer_value(json_object_get(json_array_get(ops, 1), "index")), 4);
    CHECK_INT(json_integer_value(json_object_get(json_array_get(ops, 2), "index")), 8);
    CHECK_TEXT(json_string_value(json_array_get(json_object_get(explanation, "why-not"), 0)),
               "while the register is 2, read 1 cannot be next");
    CHECK_TEXT(
        json_string_value(json_array_get(json_object_get(explanation, "possible-before"), 0)), "2");
    CHECK_INT(json_integer_value(json_array_get(json_object_get(v.details, "failures"), 0)), 7);
    verdict_release(&v);
}

TEST(open_operations_are_said_not_to_help)
{
    struct verdict v = judge("counter", "0 invoke add 2\n 1 invoke add 5\n"
                                        "2 invoke read\n 2 ok read 4\n");
    struct buf text = {0};
    const json_t *why = json_object_get(json_object_get(v.details, "explanation"), "why-not");
    size_t i;
    const json_t *line;

    CHECK_INT(v.valid, VALID_FALSE);
    json_array_foreach(why, i, line) buf_addf(&text, "%s\n", json_string_value(line));
    CHECK_HAS(text.data, "while the counter is 0, read 4 cannot be next");
    CHECK_HAS(text.data,
              "add 5 of process 1 may come first, but then the counter is 5 and it still cannot");
    buf_release(&text);
    verdict_release(&v);
}

/* Goal: evidence stays small whatever the history. Method: 3,000 operations, one wrong answer. */
TEST(evidence_of_a_long_history_is_short)
{
    struct buf text = {0};
    struct verdict v;
    char *json;

    for (int i = 0; i < 3000; i++)
        buf_addf(&text, "0 invoke write %d\n 1 invoke read\n 0 ok write %d\n 1 ok read %d\n", i % 5,
                 i % 5, i == 2500 ? 7 : i % 5);
    v = judge("register", text.data);
    CHECK_INT(v.valid, VALID_FALSE);
    json = json_dumps(v.details, JSON_COMPACT);
    CHECK(strlen(json) < 8000);
    CHECK_HAS(v.sentence, "read 7");
    free(json);
    verdict_release(&v);
    buf_release(&text);
}

TEST(an_exhausted_budget_is_unknown_and_says_how_far_it_got)
{
    struct buf text = {0};
    struct history *h;
    struct linearizable_options o = {lin_model_find("counter"), false, 2000};
    struct verdict v;

    for (int i = 0; i < 18; i++)
        buf_addf(&text, "%d invoke add %d\n", i, 1 << i);
    buf_addf(&text, "99 invoke read\n 99 ok read %d\n", 1 << 19);
    h = story(text.data);
    linearizable_check(h, &o, &v);
    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "budget of 2000 steps");
    CHECK(json_object_get(v.details, "explored-index") != NULL);
    verdict_release(&v);
    history_free(h);
    buf_release(&text);
}

TEST(what_the_model_does_not_know_is_unknown)
{
    struct verdict v = judge("register", "0 invoke jump\n 0 ok jump\n");

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_TEXT(v.sentence, "event 0: the model register has no operation \"jump\"");
    verdict_release(&v);
    v = judge("register", "0 invoke cas 5\n 0 ok cas 5\n");
    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "cannot read the value 5");
    verdict_release(&v);
}

/* A search that looks ahead is stuck at the first append that leads to no answer; what is wrong is
 * the answer. */
TEST(texts_and_lists_blame_the_answer_that_nobody_could_give)
{
    struct verdict v = judge("append-kv", "0 invoke append [1,\"ab\"]\n 1 invoke get [1,null]\n"
                                          "0 ok append [1,\"ab\"]\n 1 ok get [1,\"\"]\n"
                                          "0 invoke append [1,\"cd\"]\n 0 ok append [1,\"cd\"]\n"
                                          "0 invoke get [1,null]\n 0 ok get [1,\"abxx\"]\n"
                                          "0 invoke append [1,\"ef\"]\n 0 ok append [1,\"ef\"]\n");
    const json_t *why;

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "get \"abxx\" (from 6 ms to 7 ms) fits no order");
    why = json_object_get(v.details, "explanation");
    CHECK_INT(json_integer_value(json_object_get(why, "up-to-index")), 7);
    CHECK_TEXT(json_string_value(json_object_get(why, "operations-are")), "smallest");
    verdict_release(&v);

    v = judge("append-kv", "0 invoke append [1,\"a\"]\n 0 ok append [1,\"a\"]\n"
                           "0 invoke append [1,\"b\"]\n 0 ok append [1,\"b\"]\n"
                           "1 invoke get [1,null]\n 1 ok get [1,\"ba\"]\n");
    CHECK_HAS(v.sentence, "get \"ba\" (from 4 ms to 5 ms) fits no order; the text can by then "
                          "only be \"ab\". These 3 operations contradict each other");
    verdict_release(&v);

    v = judge("list", "0 invoke append 1\n 0 ok append 1\n 0 invoke append 1\n 0 ok append 1\n"
                      "1 invoke read\n 1 ok read [1,1]\n 1 invoke read\n 1 ok read [1,2]\n");
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "read [1,2] (from 6 ms to 7 ms) fits no order");
    verdict_release(&v);
}

TEST(options_that_make_no_sense_are_refused)
{
    struct history *h = story("0 invoke read [1,null]\n 0 ok read [1,null]\n");
    json_t *options = json_pack("{s:s}", "model", "teapot");
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(checker_run(checker_find("linearizable"), h, options, &v, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no model \"teapot\"");
    json_decref(options);
    CHECK_INT(checker_run(checker_find("linearizable"), h, NULL, &v, &err), 0);
    CHECK_INT(v.valid, VALID_TRUE);
    verdict_release(&v);
    history_free(h);
}

/* Sequential consistency and the session guarantees as scenarios call them. The fuzzer holds both
 * against a brute force; here stand the histories that one must know by heart. */
#include "sequential.h"
#include "session.h"

#include "../base/mem.h"
#include "checker.h"
#include "history_story.h"
#include "lin_model.h"
#include "verdict.h"

static struct verdict judge(const char *model, const char *text)
{
    struct history *h = story(text);
    struct sequential_options o = {lin_model_find(model), lin_model_find(model)->keyed,
                                   SEQUENTIAL_BUDGET};
    struct verdict v;

    sequential_check(h, &o, &v);
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

TEST(a_process_may_see_the_past_but_not_go_back)
{
    CHECK_INT(valid("register", "0 invoke write 1\n 0 ok write 1\n 1 invoke read\n"
                                "1 ok read null\n 1 invoke read\n 1 ok read 1\n"),
              VALID_TRUE);
    CHECK_INT(valid("register", "0 invoke write 1\n 0 ok write 1\n 1 invoke read\n"
                                "1 ok read 1\n 1 invoke read\n 1 ok read null\n"),
              VALID_FALSE);
}

TEST(a_process_sees_its_own_writes)
{
    CHECK_INT(valid("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke write 2\n"
                                "0 ok write 2\n 1 invoke read\n 1 ok read 1\n"),
              VALID_TRUE);
    CHECK_INT(valid("register", "0 invoke write 1\n 0 ok write 1\n 0 invoke read\n"
                                "0 ok read null\n"),
              VALID_FALSE);
}

/* Each key alone has an order; both together have none: the store buffers of Dekker's algorithm. */
TEST(keys_are_held_against_one_order)
{
    struct verdict v = judge("cas-register", "0 invoke write [1,1]\n 0 ok write [1,1]\n"
                                             "1 invoke write [2,1]\n 1 ok write [2,1]\n"
                                             "0 invoke read [2,null]\n 0 ok read [2,null]\n"
                                             "1 invoke read [1,null]\n 1 ok read [1,null]\n");

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence,
               "no order that keeps each process's own explains these 4 operations: process 0: "
               "write 1, process 1: write 1, process 0: read null, process 1: read null");
    CHECK_INT(json_array_size(json_object_get(v.details, "operations")), 4);
    verdict_release(&v);
    CHECK_INT(valid("cas-register", "0 invoke write [1,1]\n 0 ok write [1,1]\n"
                                    "1 invoke write [2,1]\n 1 ok write [2,1]\n"
                                    "0 invoke read [2,null]\n 0 ok read [2,1]\n"
                                    "1 invoke read [1,null]\n 1 ok read [1,null]\n"),
              VALID_TRUE);
}

TEST(queues_are_judged_too)
{
    CHECK_INT(valid("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 1 invoke enqueue 2\n"
                             "1 ok enqueue 2\n 2 invoke dequeue\n 2 ok dequeue 2\n"),
              VALID_TRUE);
    CHECK_INT(valid("queue", "0 invoke enqueue 1\n 0 ok enqueue 1\n 0 invoke enqueue 2\n"
                             "0 ok enqueue 2\n 2 invoke dequeue\n 2 ok dequeue 2\n"),
              VALID_FALSE);
}

/* ---- sessions ---- */

static enum valid holds(enum lin_guarantee guarantee, const char *model, const char *text)
{
    struct history *h = story(text);
    struct session_options o = {.model = lin_model_find(model), .budget = SESSION_BUDGET};
    struct verdict v;
    enum valid answer;

    o.keyed = o.model->keyed;
    o.wanted[guarantee] = true;
    session_check(h, &o, &v);
    answer = v.valid;
    verdict_release(&v);
    history_free(h);
    return answer;
}

TEST(read_your_writes)
{
    CHECK_INT(holds(LIN_READ_YOUR_WRITES, "register",
                    "0 invoke write 1\n 0 ok write 1\n 1 invoke read\n 1 ok read null\n"
                    "0 invoke read\n 0 ok read 1\n"),
              VALID_TRUE);
    CHECK_INT(holds(LIN_READ_YOUR_WRITES, "register",
                    "0 invoke write 1\n 0 ok write 1\n 0 invoke read\n 0 ok read null\n"),
              VALID_FALSE);
    CHECK_INT(holds(LIN_READ_YOUR_WRITES, "list",
                    "0 invoke append 1\n 0 ok append 1\n 0 invoke read\n 0 ok read []\n"),
              VALID_FALSE);
}

TEST(monotonic_reads)
{
    const char *back = "0 invoke write 1\n 0 ok write 1\n 0 invoke write 2\n 0 ok write 2\n"
                       "1 invoke read\n 1 ok read 2\n 1 invoke read\n 1 ok read 1\n"
                       "1 invoke read\n 1 ok read 2\n";

    CHECK_INT(holds(LIN_MONOTONIC_READS, "register", back), VALID_FALSE);
    CHECK_INT(holds(LIN_READ_YOUR_WRITES, "register", back), VALID_TRUE);
    CHECK_INT(holds(LIN_MONOTONIC_READS, "counter",
                    "0 invoke add 1\n 0 ok add 1\n 1 invoke read\n 1 ok read 1\n"
                    "1 invoke read\n 1 ok read 0\n"),
              VALID_FALSE);
}

TEST(monotonic_writes)
{
    CHECK_INT(holds(LIN_MONOTONIC_WRITES, "list",
                    "0 invoke append 1\n 0 ok append 1\n 0 invoke append 2\n 0 ok append 2\n"
                    "1 invoke read\n 1 ok read [2,1]\n"),
              VALID_FALSE);
    CHECK_INT(holds(LIN_MONOTONIC_WRITES, "list",
                    "0 invoke append 1\n 0 ok append 1\n 2 invoke append 2\n 2 ok append 2\n"
                    "1 invoke read\n 1 ok read [2,1]\n"),
              VALID_TRUE);
}

TEST(writes_follow_reads)
{
    CHECK_INT(holds(LIN_WRITES_FOLLOW_READS, "list",
                    "0 invoke append 1\n 0 ok append 1\n 1 invoke read\n 1 ok read [1]\n"
                    "1 invoke append 2\n 1 ok append 2\n 2 invoke read\n 2 ok read [2,1]\n"),
              VALID_FALSE);
    CHECK_INT(holds(LIN_WRITES_FOLLOW_READS, "list",
                    "0 invoke append 1\n 0 ok append 1\n 1 invoke read\n 1 ok read []\n"
                    "1 invoke append 2\n 1 ok append 2\n 2 invoke read\n 2 ok read [2,1]\n"),
              VALID_TRUE);
}

TEST(a_broken_guarantee_is_told_with_its_operations)
{
    struct history *h = story("0 invoke write 1\n 0 ok write 1\n 2 invoke read\n 2 ok read 1\n"
                              "0 invoke read\n 0 ok read null\n");
    json_t *options =
        json_pack("{s:s,s:[s]}", "model", "register", "guarantees", "read-your-writes");
    struct err err = {.text = ""};
    struct verdict v;
    const json_t *entry;

    CHECK_INT(checker_run(checker_find("session"), h, options, &v, &err), 0);
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence, "read-your-writes does not hold; no order that it allows explains "
                           "process 0: write 1, process 0: read null");
    entry = json_object_get(json_object_get(v.details, "guarantees"), "read-your-writes");
    CHECK_INT(json_array_size(json_object_get(entry, "operations")), 2);
    CHECK(json_object_get(json_object_get(v.details, "guarantees"), "monotonic-reads") == NULL);
    verdict_release(&v);
    json_decref(options);
    options = json_pack("{s:[s]}", "guarantees", "good-weather");
    CHECK_INT(checker_run(checker_find("session"), h, options, &v, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no guarantee \"good-weather\"");
    json_decref(options);
    history_free(h);
}

/* Goal: a search that cannot end says so. Method: many equal writes, a read of what none wrote. */
TEST(an_exhausted_budget_is_unknown)
{
    struct buf text = {0};
    struct sequential_options o = {lin_model_find("counter"), false, 3000};
    struct history *h;
    struct verdict v;

    for (int i = 0; i < 20; i++)
        buf_addf(&text, "%d invoke add %d\n %d ok add %d\n", i, 1 << i, i, 1 << i);
    buf_addf(&text, "99 invoke read\n 99 ok read %d\n", 1 << 21);
    h = story(text.data);
    sequential_check(h, &o, &v);
    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "used up its budget");
    verdict_release(&v);
    history_free(h);
    buf_release(&text);
}

#include "checker.h"
#include "history_story.h"
#include "total_queue.h"
#include "verdict.h"

static struct verdict judge(const char *text)
{
    struct history *h = story(text);
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(checker_run(&total_queue_checker, h, NULL, &v, &err), 0);
    history_free(h);
    return v;
}

static int count(const struct verdict *v, const char *name)
{
    return (int)json_integer_value(json_object_get(v->details, name));
}

#define IN(v) "0 invoke enqueue " v "\n0 ok enqueue " v "\n"
#define OUT(v) "1 invoke dequeue\n1 ok dequeue " v "\n"
#define DRAIN(list) "2 invoke drain\n2 ok drain " list "\n"

TEST(what_goes_in_comes_out_in_any_order)
{
    struct verdict v = judge(IN("1") IN("2") IN("3") OUT("2") DRAIN("[3,1]"));

    CHECK_INT(v.valid, VALID_TRUE);
    CHECK_INT(count(&v, "ok-count"), 3);
    verdict_release(&v);
    v = judge("5 invoke enqueue 1\n5 info enqueue 1\n" IN("2") OUT("1") OUT("2") OUT("null"));
    CHECK_INT(v.valid, VALID_TRUE);
    CHECK_INT(count(&v, "recovered-count"), 1);
    verdict_release(&v);
}

TEST(a_value_that_stays_away_is_lost)
{
    struct verdict v = judge(IN("1") IN("2") OUT("2") DRAIN("[]"));

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "1 values were acknowledged and never came out");
    CHECK_HAS(v.sentence, "the first is 1, put in by process 0 at 1 ms");
    CHECK_INT(count(&v, "lost-count"), 1);
    verdict_release(&v);
    v = judge(IN("1") "1 invoke dequeue\n1 fail dequeue\n");
    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "nobody found the queue empty");
    verdict_release(&v);
}

TEST(a_lost_answer_may_have_taken_it)
{
    struct verdict v = judge(IN("1") "3 invoke dequeue\n3 info dequeue\n" DRAIN("[]"));

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "1 operations that may have taken them");
    verdict_release(&v);
    v = judge(IN("1") IN("2") "3 invoke dequeue\n3 info dequeue\n" DRAIN("[]"));
    CHECK_INT(v.valid, VALID_FALSE);
    verdict_release(&v);
    v = judge(IN("1") IN("2") "3 invoke drain\n3 info drain\n" DRAIN("[]"));
    CHECK_INT(v.valid, VALID_UNKNOWN);
    verdict_release(&v);
    /* The drain began before the enqueue was acknowledged. */
    v = judge("2 invoke drain\n" IN("1") "2 ok drain []\n");
    CHECK_INT(v.valid, VALID_UNKNOWN);
    verdict_release(&v);
}

TEST(what_never_went_in_must_not_come_out)
{
    struct verdict v = judge(IN("1") OUT("1") OUT("7"));

    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence, "process 1 got 7 from the queue at 5 ms, but nobody ever put it in");
    CHECK_INT(count(&v, "unexpected-count"), 1);
    verdict_release(&v);
    v = judge("0 invoke enqueue 1\n0 fail enqueue 1\n" OUT("1"));
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "but every enqueue of it had failed");
    verdict_release(&v);
    v = judge(OUT("1") IN("1"));
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_HAS(v.sentence, "before anybody put it in");
    verdict_release(&v);
}

TEST(twice_out_is_reported_only)
{
    struct verdict v = judge(IN("1") OUT("1") OUT("1") DRAIN("[]"));

    CHECK_INT(v.valid, VALID_TRUE);
    CHECK_INT(count(&v, "duplicated-count"), 1);
    verdict_release(&v);
}

TEST(a_drain_that_is_no_list_is_unknown)
{
    struct verdict v = judge(IN("1") OUT("1") DRAIN("5"));

    CHECK_INT(v.valid, VALID_UNKNOWN);
    CHECK_HAS(v.sentence, "which is no list");
    verdict_release(&v);
}

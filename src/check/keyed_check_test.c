#include "keyed_check.h"

#include "checker.h"
#include "history_story.h"
#include "verdict.h"

#include "../base/err.h"
#include "../base/test.h"

static struct verdict check(const char *checker, const char *text, const json_t *options)
{
    struct history *h = story(text);
    struct err err = {.text = ""};
    struct verdict v;

    if (keyed_check(checker_find(checker), h, options, &v, &err) < 0)
        fail_msg("%s", err.text);
    history_free(h);
    return v;
}

/* One key keeps its element, the other loses it. */
TEST(each_key_is_judged_alone)
{
    struct verdict v = check("set-full",
                             "0 invoke add [1,7]\n0 ok add [1,7]\n"
                             "0 invoke add [\"b\",7]\n0 ok add [\"b\",7]\n"
                             "1 invoke read [1,null]\n1 ok read [1,[7]]\n"
                             "2 invoke read [\"b\",null]\n2 ok read [\"b\",[]]\n",
                             NULL);

    CHECK(v.valid == VALID_FALSE);
    CHECK_HAS(v.sentence, "key \"b\": element 7 is lost");
    CHECK_INT(json_integer_value(json_object_get(v.details, "key-count")), 2);
    CHECK_INT(json_integer_value(json_object_get(v.details, "failure-count")), 1);
    CHECK(json_object_get(json_object_get(v.details, "results"), "\"b\"") != NULL);
    verdict_release(&v);
}

TEST(sound_keys_are_valid)
{
    struct verdict v = check("set-full",
                             "0 invoke add [1,7]\n0 ok add [1,7]\n1 invoke read [1,null]\n"
                             "1 ok read [1,[7]]\nnemesis info kill\n2 invoke read [1,null]\n"
                             "2 info read \"timed-out\"\n",
                             NULL);

    CHECK(v.valid == VALID_TRUE && v.sentence == NULL);
    verdict_release(&v);
}

TEST(without_any_key_nothing_is_known)
{
    struct verdict v = check("echo", "0 invoke echo 1\n0 ok echo 1\n", NULL);

    CHECK(v.valid == VALID_UNKNOWN);
    verdict_release(&v);
}

TEST(options_that_make_no_sense_are_refused)
{
    struct history *h = story("0 invoke echo [1,2]\n0 ok echo [1,2]\n");
    json_t *options = json_pack("{s:i}", "nosuch", 1);
    struct err err = {.text = ""};
    struct verdict v;

    CHECK_INT(keyed_check(checker_find("echo"), h, options, &v, &err), ERR_INPUT);
    CHECK_HAS(err.text, "nosuch");
    json_decref(options);
    history_free(h);
}

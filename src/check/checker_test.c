/* The registry, and the small checkers through it: each by sound and by broken histories. */
#include "checker.h"
#include "history_story.h"
#include "verdict.h"

#include "../base/prng.h"

#include <stdio.h>

static int run(const char *name, const char *options, const char *text, struct verdict *v,
               struct err *err)
{
    struct history *h = story(text);
    json_t *parsed = options != NULL ? json_loads(options, JSON_DECODE_ANY, NULL) : NULL;
    int status = checker_run(checker_find(name), h, parsed, v, err);

    json_decref(parsed);
    history_free(h);
    return status;
}

/* Details in compact JSON with sorted keys, without the sentence and the operations behind it. */
static void check(const char *name, const char *options, const char *text, const char *details,
                  const char *sentence)
{
    struct verdict v;
    struct err err = {.text = ""};
    char *got;

    CHECK_INT(run(name, options, text, &v, &err), 0);
    CHECK_TEXT(v.sentence != NULL ? v.sentence : "", sentence);
    json_object_del(v.details, "sentence");
    json_object_del(v.details, "explanation");
    got = json_dumps(v.details, JSON_COMPACT | JSON_SORT_KEYS);
    CHECK_TEXT(got, details);
    free(got);
    verdict_release(&v);
}

/* The events whose operations explain the verdict, e.g. "0 4"; "" if there is no explanation. */
static void check_explained(const char *name, const char *text, const char *events)
{
    struct verdict v;
    struct err err = {.text = ""};
    struct buf got = {0};
    const json_t *list, *op;
    size_t i;

    CHECK_INT(run(name, "", text, &v, &err), 0);
    list = json_object_get(json_object_get(v.details, "explanation"), "operations");
    json_array_foreach(list, i, op)
        buf_addf(&got, "%s%lld", i > 0 ? " " : "",
                 (long long)json_integer_value(json_object_get(op, "index")));
    CHECK_TEXT(got.data != NULL ? got.data : "", events);
    buf_release(&got);
    verdict_release(&v);
}

static void check_refused(const char *name, const char *options, const char *sentence)
{
    struct verdict v;
    struct err err = {.text = ""};

    CHECK_INT(run(name, options, "", &v, &err), ERR_INPUT);
    CHECK_TEXT(err.text, sentence);
}

TEST(options_are_checked)
{
    CHECK(checker_find("no-such") == NULL);
    check_refused("set-full", "5",
                  "checker set-full: the options must be a table of names and values");
    check_refused("set-full", "{\"ad\":\"x\"}",
                  "checker set-full has no option \"ad\"; it has: add, read, linearizable, "
                  "maelstrom_verdict");
    check_refused("set-full", "{\"add\":1}", "checker set-full: option add must be a text");
    check_refused("echo", "{\"x\":1}", "checker echo has no option \"x\"; it has none at all");
    check_refused("stats", "{\"exempt\":[1]}",
                  "checker stats: option exempt must be a list of texts");
    check_refused("availability", "{\"require\":true}",
                  "checker availability: option require must be a number or a text");
    check_refused("availability", "{\"require\":\"all\"}",
                  "checker availability: option require must be \"total\", \"none\" or a number "
                  "from 0 to 1, but it is \"all\"");
    check_refused("availability", "{\"require\":1.5}",
                  "checker availability: option require must be between 0 and 1, but it is 1.5");
}

TEST(a_violation_names_the_operations_that_show_it)
{
    check_explained("echo",
                    "0@1 invoke echo 1\n 0 ok echo 1\n 1@0 invoke echo 2\n 1 ok echo 3\n"
                    "1 invoke echo 4\n 1 ok echo 5\n",
                    "2");
    check_explained("echo", "0@1 invoke echo 1\n 0 ok echo 1\n", "");
    check_explained("unique-ids",
                    "0 invoke generate\n 0 ok generate 7\n 0 invoke generate\n 0 ok generate 8\n"
                    "1 invoke generate\n 1 ok generate 7\n",
                    "0 4");
    check_explained("set-full",
                    "0 invoke add 1\n 0 ok add 1\n 1 invoke read\n 1 ok read [1]\n"
                    "1 invoke read\n 1 ok read []\n",
                    "0 4");
    check_explained("counter",
                    "0 invoke add 1\n 0 ok add 1\n 1 invoke! read\n 1 ok read 1\n"
                    "1 invoke! read\n 1 ok read 2\n",
                    "4");
    check_explained("kafka",
                    "0 invoke send [[\"send\",\"a\",1]]\n 0 fail send [[\"send\",\"a\",1]]\n"
                    "1 invoke poll [[\"poll\"]]\n 1 ok poll [[\"poll\",{\"a\":[[0,1]]}]]\n",
                    "2");
}

TEST(every_checker_takes_an_empty_history_and_no_options)
{
    const struct checker *c;
    size_t i;

    for (i = 0; (c = checker_at(i)) != NULL; i++) {
        struct history *h = history_new();
        json_t *lua_empty = json_array();
        struct verdict v;
        struct err err;
        CHECK(checker_find(c->name) == c);
        CHECK_INT(checker_run(c, h, lua_empty, &v, &err), 0);
        CHECK(json_object_get(v.details, "valid?") != NULL);
        CHECK((v.sentence == NULL) == (v.valid == VALID_TRUE));
        verdict_release(&v);
        json_decref(lua_empty);
        history_free(h);
    }
}

#define ECHO "0@1 invoke echo \"Please echo 1\"\n"

TEST(echo)
{
    check("echo", NULL, ECHO "0 ok echo \"Please echo 1\"\n",
          "{\"error-count\":0,\"errors\":[],\"valid?\":true}", "");
    check("echo", NULL, ECHO "0 info echo\n", "{\"error-count\":0,\"errors\":[],\"valid?\":true}",
          "");
    check("echo", NULL, ECHO "0 ok echo \"Please echo 2\"\n",
          "{\"error-count\":1,\"errors\":[[\"sent\",\"Please echo 1\",\"got back\",\"Please echo "
          "2\"]],\"valid?\":false}",
          "process 0 asked n1 to echo \"Please echo 1\"; at 1 ms it answered \"Please echo 2\"");
    check("echo", NULL, ECHO "0 fail echo\n",
          "{\"error-count\":1,\"errors\":[[\"sent\",\"Please echo 1\",\"got back\",\"\"]],"
          "\"valid?\":false}",
          "process 0 asked n1 to echo \"Please echo 1\"; at 1 ms it answered with an error: none "
          "given");
}

TEST(unique_ids)
{
    check("unique-ids", NULL,
          "0@0 invoke generate\n0 ok generate 1\n0 invoke generate\n0 ok generate 1.0\n"
          "0 invoke generate\n0 ok generate \"1\"\n0 invoke generate\n0 fail generate\n",
          "{\"acknowledged-count\":3,\"attempted-count\":4,\"duplicated\":{},"
          "\"duplicated-count\":0,\"range\":[1,\"1\"],\"valid?\":true}",
          "");
    check("unique-ids", NULL,
          "0@0 invoke generate\n0 ok generate \"a\"\n1@1 invoke generate\n1 ok generate -3\n"
          "1@1 invoke generate\n1 ok generate \"a\"\n",
          "{\"acknowledged-count\":3,\"attempted-count\":3,\"duplicated\":{\"\\\"a\\\"\":2},"
          "\"duplicated-count\":1,\"range\":[-3,\"a\"],\"valid?\":false}",
          "the id \"a\" was handed out 2 times: by n0 to process 0 at 1 ms, and by n1 to process 1 "
          "at 5 ms");
}

TEST(stats)
{
    const char *unlucky = "0 invoke read\n0 ok read 1\n0 invoke cas [1,2]\n0 fail cas [1,2]\n"
                          "nemesis info start\n";

    check("stats", NULL, "0 invoke read\n0 ok read 1\n0 invoke crash\n0 info crash\n",
          "{\"by-f\":{\"crash\":{\"count\":1,\"fail-count\":0,\"info-count\":1,\"ok-count\":0,"
          "\"valid?\":true},\"read\":{\"count\":1,\"fail-count\":0,\"info-count\":0,\"ok-count\":1,"
          "\"valid?\":true}},\"count\":2,\"fail-count\":0,\"info-count\":1,\"ok-count\":1,"
          "\"valid?\":true}",
          "");
    check(
        "stats", NULL, unlucky,
        "{\"by-f\":{\"cas\":{\"count\":1,\"fail-count\":1,\"info-count\":0,\"ok-count\":0,"
        "\"valid?\":false},\"read\":{\"count\":1,\"fail-count\":0,\"info-count\":0,\"ok-count\":1,"
        "\"valid?\":true}},\"count\":2,\"fail-count\":1,\"info-count\":0,\"ok-count\":1,"
        "\"valid?\":\"unknown\"}",
        "no cas ever succeeded in this short run: 1 of 1 failed, and whether one meets the value "
        "it expects is luck; a longer run can tell");
    check(
        "stats", "{\"maelstrom_verdict\":true}", unlucky,
        "{\"by-f\":{\"cas\":{\"count\":1,\"fail-count\":1,\"info-count\":0,\"ok-count\":0,"
        "\"valid?\":false},\"read\":{\"count\":1,\"fail-count\":0,\"info-count\":0,\"ok-count\":1,"
        "\"valid?\":true}},\"count\":2,\"fail-count\":1,\"info-count\":0,\"ok-count\":1,"
        "\"valid?\":false}",
        "no cas ever succeeded in this short run: 1 of 1 failed, and whether one meets the value "
        "it expects is luck; a longer run can tell");
    check("stats", "{\"exempt\":[\"x\"]}", "0 invoke read\n0 info read\n1 invoke x\n",
          "{\"by-f\":{\"read\":{\"count\":1,\"fail-count\":0,\"info-count\":1,\"ok-count\":0,"
          "\"valid?\":false},\"x\":{\"count\":0,\"fail-count\":0,\"info-count\":0,\"ok-count\":0,"
          "\"valid?\":true}},\"count\":1,\"fail-count\":0,\"info-count\":1,\"ok-count\":0,"
          "\"valid?\":false}",
          "no read ever succeeded: of 1, 0 failed and 1 had no known outcome");
}

TEST(availability)
{
    const char *half = "0 invoke read\n0 ok read 1\n1 invoke read\n1 info read\n";

    check("availability", NULL, half, "{\"ok-fraction\":0.5,\"valid?\":true}", "");
    check("availability", "{\"require\":0.5}", half, "{\"ok-fraction\":0.5,\"valid?\":true}", "");
    check("availability", "{\"require\":\"total\"}", "", "{\"ok-fraction\":1.0,\"valid?\":true}",
          "");
    check("availability", "{\"require\":\"total\"}", half, "{\"ok-fraction\":0.5,\"valid?\":false}",
          "1 of 2 operations succeeded, a fraction of 0.5; at least 1 is required");
    check("availability", "{\"require\":0.6}", half, "{\"ok-fraction\":0.5,\"valid?\":false}",
          "1 of 2 operations succeeded, a fraction of 0.5; at least 0.6 is required");
}

TEST(perf)
{
    check("perf", NULL,
          "0 invoke read\n3ms 0 ok read\n0 invoke read\n4500us 0 ok read\n0 invoke read\n"
          "9ms 0 fail read\n0 invoke read\n",
          "{\"latencies\":{\"read\":{\"fail\":{\"count\":1,\"latencies\":{\"0\":3.5,\"0.5\":3.5,"
          "\"0.95\":3.5,\"0.99\":3.5,\"1\":3.5}},\"ok\":{\"count\":2,\"latencies\":{\"0\":0.5,"
          "\"0.5\":3.0,\"0.95\":3.0,\"0.99\":3.0,\"1\":3.0}}}},\"valid?\":true}",
          "");
}

#include "play.h"

#include "../base/err.h"
#include "../base/test.h"

#include <string.h>

#define FILES "\"language\":\"c\",\"files\":[{\"name\":\"main.c\",\"text\":\"int x;\"}]"

static struct err err;

/* A text with these options. */
static int parse(struct play *p, const char *workload, const char *options)
{
    struct buf text = {0};
    int status;

    err.text[0] = '\0';
    buf_addf(&text, "{\"workload\":\"%s\",\"options\":{%s}," FILES "}", workload, options);
    status = play_parse(buf_str(&text), p, &err);
    buf_release(&text);
    return status;
}

#define REFUSED(of, options, part)                                                                 \
    do {                                                                                           \
        struct play untouched = {.workload = (char *)"untouched"};                                 \
        CHECK_INT(parse(&untouched, of, options), ERR_INPUT);                                      \
        CHECK_HAS(err.text, part);                                                                 \
        CHECK_TEXT(untouched.workload, "untouched");                                               \
    } while (0)

TEST(a_run_is_read_and_written_again)
{
    static const char text[] = "{\"workload\":\"broadcast\",\"options\":{\"node-count\":\"3\","
                               "\"nemesis\":\"partition,kill\"}," FILES "}";
    struct play p = {0};
    struct buf again = {0};

    CHECK_INT(play_parse(STR_LIT(text), &p, &err), 0);
    CHECK_TEXT(p.workload, "broadcast");
    CHECK_TEXT(p.program.language, "c");
    CHECK_INT(p.program.file_count, 1);
    CHECK_TEXT(play_value(&p, play_option_find(STR_LIT("node-count"))), "3");
    CHECK_TEXT(play_value(&p, play_option_find(STR_LIT("rate"))), "20");
    CHECK_TEXT(play_value(&p, play_option_find(STR_LIT("max-txn-length"))), "");
    play_text(&p, &again);
    CHECK_TEXT(again.data, text);
    CHECK(play_is(buf_str(&again)));
    buf_release(&again);
    play_release(&p);
}

TEST(a_submission_is_no_run)
{
    struct play p = {0};

    CHECK(!play_is(STR_LIT("{\"track\":\"messenger\",\"task\":\"echo\"," FILES "}")));
    CHECK(!play_is(STR_LIT("[\"workload\"]")));
    CHECK(!play_is(STR_LIT("{\"workload\":")));
    CHECK_INT(play_parse(STR_LIT("{\"track\":\"messenger\"," FILES "}"), &p, &err), ERR_INPUT);
    CHECK_HAS(err.text, "a run has no \"track\"");
}

TEST(what_is_wrong_is_said)
{
    struct play p = {0};

    REFUSED("ecco", "", "there is no workload \"ecco\"; there are broadcast, echo");
    REFUSED("../echo", "", "the workload must be a word");
    REFUSED("echo", "\"sandbox\":\"off\"", "no option \"sandbox\"");
    REFUSED("echo", "\"bin\":\"/bin/sh\"", "no option \"bin\"");
    REFUSED("echo", "\"rate\":5", "the option rate must be a text");
    REFUSED("echo", "\"rate\":\"5\\u0000\"", "Rate (rate)");
    REFUSED("echo", "\"rate\":\"--store\"", "Rate (rate)");
    REFUSED("echo", "\"rate\":\"5\",\"rate\":\"5\"", "twice");
    CHECK_INT(play_parse(STR_LIT("{\"workload\":\"echo\",\"options\":[]," FILES "}"), &p, &err),
              ERR_INPUT);
    CHECK_HAS(err.text, "\"options\" must be an object");
    CHECK_INT(play_parse(STR_LIT("{\"workload\":\"echo\",\"language\":\"c\"}"), &p, &err),
              ERR_INPUT);
    CHECK_HAS(err.text, "\"files\" must be");
    CHECK_INT(play_parse(STR_LIT("{\"workload\":\"echo\"," FILES "}"), &p, &err), 0);
    play_release(&p);
}

TEST(limits_hold_for_all_options_together)
{
    struct play p = {0};

    REFUSED("echo", "\"rate\":\"1000\",\"time-limit\":\"60\"", "are 60000; a run here may have");
    CHECK_INT(parse(&p, "echo", "\"rate\":\"1000\",\"time-limit\":\"20\""), 0);
    play_release(&p);
    REFUSED("echo", "\"concurrency\":\"5n\",\"node-count\":\"25\"", "these are 125 clients");
    CHECK_INT(parse(&p, "echo", "\"concurrency\":\"4n\",\"node-count\":\"25\""), 0);
    play_release(&p);
}

TEST(options_of_other_workloads_are_left_out)
{
    struct play p = {0};
    struct buf text = {0};

    CHECK_INT(parse(&p, "echo", "\"topology\":\"line\",\"seed\":\"7\",\"nemesis\":\"\""), 0);
    play_text(&p, &text);
    CHECK_TEXT(text.data, "{\"workload\":\"echo\",\"options\":{\"seed\":\"7\"}," FILES "}");
    buf_release(&text);
    play_release(&p);
}

/* Goal: a limit of the table is one that `eddy test` has, too.
 * Method: every option with its smallest and largest value, each choice and all at once. */
static void check_value(const char *workload, int option, const char *value)
{
    struct play p = {0};
    struct buf options = {0};

    buf_addf(&options, "\"%s\":\"%s\"", play_options[option].name, value);
    if (parse(&p, workload, options.data) < 0)
        fail_msg("%s: %s", options.data, err.text);
    play_release(&p);
    buf_release(&options);
}

TEST(eddy_test_takes_what_the_table_offers)
{
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        const struct play_option *o = &play_options[i];
        const char *at = o->workloads;
        struct str word = STR_LIT("lin-kv");
        char workload[32], value[64];
        play_list_next(&at, &word);
        snprintf(workload, sizeof(workload), "%.*s", STR_ARG(word));
        CHECK(o->label[0] != '\0' && o->sentence[strlen(o->sentence) - 1] == '.');
        CHECK_INT(play_option_check(o, str_of(o->initial), &err), 0);
        if (o->kind == PLAY_SWITCH) {
            check_value(workload, i, "on");
        } else if (o->kind == PLAY_CHOICE || o->kind == PLAY_CHOICES) {
            for (at = o->choices; play_list_next(&at, &word);) {
                snprintf(value, sizeof(value), "%.*s", STR_ARG(word));
                check_value(workload, i, value);
            }
        } else {
            snprintf(value, sizeof(value), "%.15g", o->smallest);
            check_value(workload, i, value);
            snprintf(value, sizeof(value), "%.15g", o->largest);
            check_value(workload, i, value);
        }
    }
}

TEST(a_setting_is_what_was_asked_for)
{
    struct play p = {0};
    struct play_setting s;

    CHECK_INT(parse(&p, "lin-kv",
                    "\"node-count\":\"3\",\"latency\":\"2.5\",\"time-limit\":\"7\","
                    "\"nemesis\":\"kill,pause\",\"fail-fast\":\"on\",\"seed\":\"9\""),
              0);
    CHECK_INT(play_setting_init(&s, &p, &err), 0);
    CHECK_TEXT(s.options.workload, "lin-kv");
    CHECK_INT(s.options.node_count, 3);
    CHECK_INT(s.options.concurrency, 6);
    CHECK_INT(s.options.latency_ns, 2500000);
    CHECK(s.options.time_limit == 7 && s.options.fail_fast && s.options.seed == 9);
    CHECK_INT(s.options.nemesis_count, 2);
    CHECK(s.options.sandbox.level == SANDBOX_OFF && s.options.clock == CAGE_CLOCK_VIRTUAL);
    play_setting_release(&s);
    play_release(&p);
}

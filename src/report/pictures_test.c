/* Goal: whatever a run did, all four pictures are well-formed, bounded, and tell of every fault and
 * every lost message that they show. Method: draw runs from small to hostile and read the files
 * with a checker of our own (example.h). */
#include "pictures.h"

#include "../base/test.h"
#include "example.h"

static const char *const pictures[] = {"messages.svg", "timeline.html", "latency.svg", "rate.svg"};

static void check_all(struct example *e)
{
    for (size_t i = 0; i < 4; i++) {
        char *text = example_picture(e, pictures[i]);
        const char *fault = xml_fault(text);

        if (fault != NULL)
            fail_msg("%s is not well-formed here: %.80s", pictures[i], fault);
        CHECK_HAS(text, "prefers-color-scheme:dark");
        mem_free(text);
    }
}

static void small_run(struct example *e)
{
    example_init(e);
    example_line(e, "{\"t\":5,\"e\":\"fault\",\"kind\":\"partition\",\"what\":\"start\",\"text\":"
                    "\"n0 | n1 n2\",\"nodes\":[\"n0\"]}");
    example_send(e, 10, 0, "c1", "n0", "{\"type\":\"echo\",\"echo\":1}");
    example_recv(e, 10, 0);
    example_send(e, 20, 1, "n0", "n1", "{\"type\":\"gossip\"}");
    example_drop(e, 30, 1, "partition");
    example_send(e, 20, 2, "n0", "lin-kv", "{\"type\":\"read\"}");
    example_drop(e, 40, 2, "loss");
    example_send(e, 40, 3, "n2", "n2", "{\"type\":\"note\"}");
    example_drop(e, 41, 3, "down");
    example_line(e, "{\"t\":50,\"e\":\"fault\",\"kind\":\"partition\",\"what\":\"stop\",\"text\":"
                    "\"\",\"nodes\":[]}");
    example_line(e, "{\"t\":50,\"e\":\"node\",\"node\":\"n1\",\"what\":\"kill\",\"text\":\"\"}");
    example_line(e, "{\"t\":60,\"e\":\"node\",\"node\":\"n1\",\"what\":\"restart\",\"text\":\"\"}");
    example_line(e, "{\"t\":60,\"e\":\"step\",\"text\":\"all is well\",\"ok\":true}");
    example_op(e, 0, "echo", "1", 10, 300, OP_OK);
    example_op(e, 0, "echo", "2", 400, 0, OP_FAIL);
    example_op(e, 1, "read", "null", 20, 900000, OP_INFO);
    example_op(e, 2, "read", "null", 25, -1, OP_INFO);
}

TEST(a_small_run_is_drawn_well_formed)
{
    struct example e;

    small_run(&e);
    check_all(&e);
    example_release(&e);
}

TEST(an_empty_run_is_drawn_too)
{
    struct example e;

    example_init(&e);
    e.view.end_ns = 0;
    check_all(&e);
    e.view.journal_path = NULL;
    check_all(&e);
    example_release(&e);
}

TEST(every_fault_is_shaded_and_named)
{
    struct example e;

    small_run(&e);
    for (size_t i = 0; i < 4; i++) {
        char *text = example_picture(&e, pictures[i]);

        CHECK_INT(count_of(text, i == 1 ? "class=\"b\"" : "class=\"shade\""), 1);
        CHECK_HAS(text, "partition n0 | n1 n2");
        mem_free(text);
    }
    example_release(&e);
}

TEST(every_lost_message_ends_in_a_cross_with_its_reason)
{
    struct example e;
    char *text;

    small_run(&e);
    text = example_picture(&e, "messages.svg");
    CHECK_INT(count_of(text, "class=\"cross\""), 3);
    CHECK_HAS(text, ">partition</text>");
    CHECK_HAS(text, ">loss</text>");
    CHECK_HAS(text, ">down</text>");
    CHECK_INT(count_of(text, "marker-end") - 3, 1); /* three in the legend, one delivered */
    mem_free(text);
    example_release(&e);
}

TEST(outcomes_are_told_apart)
{
    struct example e;
    char *latency, *timeline;

    small_run(&e);
    latency = example_picture(&e, "latency.svg");
    timeline = example_picture(&e, "timeline.html");
    CHECK_INT(count_of(latency, "class=\"ok\""), 1 + 1); /* and one in the legend */
    CHECK_INT(count_of(latency, "class=\"fail\""), 1 + 1);
    CHECK_INT(count_of(latency, "class=\"info\""), 2 + 1);
    CHECK_INT(count_of(timeline, "class=\"o ok\""), 1);
    CHECK_INT(count_of(timeline, "class=\"o fail\""), 1);
    CHECK_INT(count_of(timeline, "class=\"o info\""), 2);
    CHECK_HAS(timeline, "never completed");
    CHECK_INT(count_of(timeline, "tabindex=\"0\""), 1);
    mem_free(latency);
    mem_free(timeline);
    example_release(&e);
}

TEST(hostile_texts_stay_texts)
{
    struct example e;

    example_init(&e);
    e.view.title = "</title><script>alert(1)</script>\x01\xff";
    example_send(&e, 1, 0, "</svg>", "n0",
                 "{\"type\":\"</text><script>alert(1)</script>\",\"a\":\"]]>\"}");
    example_recv(&e, 2, 0);
    example_send(&e, 3, 1, "n0", "n1", "{\"type\":\"\\u0000\\ud800\\\"'&\"}");
    example_drop(&e, 4, 1, "<why>");
    example_send(&e, 5, 2, "n0", "n1", "[\"no object\"]");
    example_recv(&e, 6, 2);
    example_line(
        &e, "{\"t\":7,\"e\":\"fault\",\"kind\":\"\\\"><b>\",\"what\":\"start\",\"text\":\"<&>\"}");
    example_line(&e, "{\"t\":8,\"e\":\"log\",\"node\":\"n0\",\"text\":\"\\u001b[31m<i>\"}");
    example_line(&e, "{\"t\":8,\"e\":\"step\",\"text\":\"<i>\",\"ok\":false}");
    example_op(&e, 0, "<f>", "\"</button><script>alert(1)</script>\"", 1, 2, OP_OK);
    check_all(&e);
    for (size_t i = 0; i < 4; i++) {
        char *text = example_picture(&e, pictures[i]);

        CHECK(strstr(text, "<script>alert") == NULL);
        mem_free(text);
    }
    example_release(&e);
}

/* As many messages, operations, faults and nodes as the caps allow and more, with large bodies full
 * of characters that grow when escaped. */
TEST(a_huge_run_stays_bounded_and_says_what_is_missing)
{
    static char body[5000], value[5000], names[1000][16];
    static const char *name_list[1000];
    struct example e;

    example_init(&e);
    for (int i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof(names[i]), "n%d", i);
        name_list[i] = names[i];
    }
    e.view.node_count = 1000;
    e.view.node_names = name_list;
    memset(value, '\'', sizeof(value) - 1);
    snprintf(body, sizeof(body), "{\"type\":\"'%.4900s\"}", value);
    for (uint64_t i = 0; i < STORY_EVENTS_MAX + 500; i++)
        example_send(&e, (int64_t)i * 1000000000, i, names[i % 1000], names[(i * 7 + 1) % 1000],
                     body);
    for (int i = 0; i < 11000; i++)
        example_op(&e, i, i % 2 == 0 ? "a" : "b", value, i * 100000, i % 777 * 3000, OP_INFO);
    check_all(&e);
    for (size_t i = 0; i < 2; i++) {
        char *text = example_picture(&e, pictures[i]);

        CHECK(strlen(text) < PICTURE_BYTES_MAX);
        CHECK_HAS(text, i == 0 ? "The first 10,000 of 10,500 message events"
                               : "of 11,000 operations are shown");
        mem_free(text);
    }
    example_release(&e);
}

TEST(plots_share_marks_when_there_are_many)
{
    struct example e;
    char *text;

    example_init(&e);
    for (int i = 0; i < 40000; i++)
        example_op(&e, i, "read", "null", i * 49000, (int64_t)(i * 7919 % 100003) * 997, OP_OK);
    text = example_picture(&e, "latency.svg");
    CHECK(count_of(text, "<circle") <= 3001);
    CHECK(count_of(text, "<circle") > 300);
    CHECK_HAS(text, "like this");
    mem_free(text);
    example_release(&e);
}

TEST(equal_runs_give_equal_pictures)
{
    struct example e;

    small_run(&e);
    for (size_t i = 0; i < 4; i++) {
        char *first = example_picture(&e, pictures[i]), *second = example_picture(&e, pictures[i]);

        CHECK_TEXT(first, second);
        mem_free(first);
        mem_free(second);
    }
    example_release(&e);
}

TEST(a_folder_that_is_not_there_is_an_error)
{
    struct example e;
    struct err err = {.text = ""};

    small_run(&e);
    example_write_journal(&e);
    CHECK(pictures_write(&e.view, "/nowhere/at/all", &err) < 0);
    CHECK_HAS(err.text, "/nowhere/at/all/messages.svg");
    example_release(&e);
}

TEST(the_checker_of_these_tests_sees_what_is_not_well_formed)
{
    static const char *const broken[] = {
        "<a>",   "</a>",      "<a></b>",     "<a b=c/>", "<a b=\"<\"/>", "<a>&nbsp;</a>",
        "<a>&<", "a > b</a>", "<a>\x01</a>", "<>",       "<a b=\"1/>",   "<a><b></a></b>",
    };

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        CHECK(xml_fault(broken[i]) != NULL);
    CHECK(xml_fault("<a b=\"1\" c=\"&lt;\"><d/>text &amp; more</a>") == NULL);
}

/* 40 operations in 2 s, all of them in bins of 20 a second, whatever the bins are. */
TEST(a_steady_rate_is_drawn_as_the_rate_that_it_is)
{
    struct example e;
    char *text;

    example_init(&e);
    e.view.end_ns = 2100000000; /* the last bin is longer than the others */
    for (int i = 0; i < 42; i++)
        example_op(&e, i, "read", "null", i * 50000000LL + 1000, 2000, OP_OK);
    text = example_picture(&e, "rate.svg");
    CHECK_HAS(text, "read ok: 42 in all");
    CHECK_INT(count_of(text, "class=\"f0 line\" d=\"M92.0 132.6H"), 1); /* 20 of 21.2 */
    mem_free(text);
    example_release(&e);
}

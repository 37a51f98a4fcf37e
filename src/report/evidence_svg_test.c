#include "evidence_svg.h"

#include "../base/test.h"
#include "example.h"

/* The picture; NULL if there is none. mem_free. */
static char *picture(const char *details_text)
{
    json_t *details = json_loads(details_text, 0, NULL);
    struct buf out = {0};
    bool drawn;

    CHECK(details != NULL);
    drawn = evidence_svg(details, &out);
    CHECK(drawn == (out.len > 0));
    json_decref(details);
    return drawn ? buf_take(&out) : NULL;
}

static void check_sound(const char *svg)
{
    const char *fault = svg != NULL ? xml_fault(svg) : "no picture";

    if (fault != NULL)
        fail_msg("broken XML at %.80s", fault);
}

#define OPERATION(index, process, f, value, from, to)                                              \
    "{\"index\":" index ",\"process\":" process ",\"node\":\"n1\",\"f\":\"" f                      \
    "\",\"value\":" value ",\"invoked\":" from to "}"
#define ENDED(answer, at) ",\"answer\":" answer ",\"completed\":" at

static const char stale[] =
    "{\"valid?\":false,\"sentence\":\"read 1 fits no "
    "order\",\"explanation\":{\"operations\":[" OPERATION(
        "3", "0", "write", "2", "1000000",
        ENDED("2",
              "2000000")) "," OPERATION("9", "7", "read", "null", "3000000",
                                        ENDED(
                                            "1",
                                            "4000000")) "," OPERATION("5", "4", "write", "8",
                                                                      "2500000",
                                                                      "") "],\"impossible-index\":"
                                                                          "9,\"possible-before\":["
                                                                          "\"2\"],"
                                                                          "\"why-not\":[\"while "
                                                                          "the register is 2, read "
                                                                          "1 cannot be next\"]},"
                                                                          "\"window\":{\"faults\":["
                                                                          "{\"sentence\":"
                                                                          "\"partition from 1 ms "
                                                                          "to the end\"}]}}";

TEST(operations_are_bars_and_the_impossible_one_is_marked)
{
    char *svg = picture(stale);

    check_sound(svg);
    CHECK_INT(count_of(svg, "<rect class=\"bar"), 3);
    CHECK_INT(count_of(svg, "class=\"bar bad\""), 1);
    CHECK_INT(count_of(svg, "class=\"bar open\""), 1);
    CHECK_HAS(svg, "✗ read 1</text>");
    CHECK_HAS(svg, "process 7 → n1");
    CHECK_HAS(svg, "on, never completed");
    CHECK_HAS(svg, "while the register is 2, read 1 cannot be next");
    CHECK_HAS(svg, "partition from 1 ms to the end");
    mem_free(svg);
}

static const char skew[] =
    "{\"a\":{\"valid?\":true,\"explanation\":{}},\"b\":{\"valid?\":false,\"sentence\":\"no order\","
    "\"anomalies\":{\"G2-item\":[{\"cycle\":["
    "{\"process\":1,\"type\":\"ok\",\"f\":\"txn\",\"value\":[[\"r\",1,[]],[\"append\",2,1]],"
    "\"index\":3,\"time\":3000000,\"node\":\"n0\",\"invoke-time\":1000000},"
    "{\"process\":2,\"type\":\"info\",\"f\":\"txn\",\"value\":[[\"r\",2,[]],[\"append\",1,1]],"
    "\"index\":4,\"time\":4000000,\"node\":\"n0\",\"invoke-time\":2000000}],\"steps\":["
    "{\"type\":\"rw\",\"sentence\":\"T1 read key 1 as []\"},"
    "{\"type\":\"realtime\",\"sentence\":\"T2 read key 2 as []\"}]}]}},\"valid?\":false}";

TEST(a_cycle_has_a_box_for_each_transaction_and_a_reason_for_each_edge)
{
    char *svg = picture(skew);

    check_sound(svg);
    CHECK_INT(count_of(svg, "<rect class=\"box\""), 2);
    CHECK_INT(count_of(svg, "<path class=\"head\""), 2);
    CHECK_HAS(svg, "rw: T1 read key 1 as []");
    CHECK_HAS(svg, "realtime: T2 read key 2 as []");
    CHECK_HAS(svg, "class=\"edge order\"");
    CHECK_HAS(svg, "to an unknown end");
    mem_free(svg);
}

TEST(an_anomaly_that_is_no_cycle_shows_its_operations)
{
    char *svg = picture("{\"valid?\":false,\"sentence\":\"s\",\"anomalies\":{\"G1a\":[{\"op\":"
                        "{\"process\":1,\"type\":\"ok\",\"f\":\"txn\",\"value\":[[\"r\",1,5]],"
                        "\"index\":3,\"time\":3000000,\"invoke-time\":1000000},\"writer\":"
                        "{\"process\":2,\"type\":\"fail\",\"f\":\"txn\",\"value\":[[\"w\",1,5]],"
                        "\"index\":2,\"time\":2000000,\"invoke-time\":500000}}]}}");

    check_sound(svg);
    CHECK_INT(count_of(svg, "<rect class=\"bar"), 2);
    mem_free(svg);
}

TEST(what_names_no_operation_is_not_drawn)
{
    CHECK(picture("{\"valid?\":true}") == NULL);
    CHECK(picture("{\"valid?\":false,\"sentence\":\"s\"}") == NULL);
    CHECK(picture("{\"valid?\":false,\"explanation\":{\"operations\":[]}}") == NULL);
    CHECK(picture("{\"valid?\":false,\"anomalies\":{\"G0\":[{}]}}") == NULL);
    CHECK(picture("{\"valid?\":false,\"explanation\":{\"operations\":[5,null,{}]}}") == NULL);
}

/* Two hundred operations with long, hostile texts: a bounded picture of sound XML. */
TEST(a_picture_is_bounded_and_hostile_texts_stay_texts)
{
    struct buf text = {0};
    char *svg;

    buf_add_text(&text, "{\"valid?\":false,\"sentence\":\"");
    for (int i = 0; i < 400; i++)
        buf_add_text(&text, "<b>&\\u202e\\u0007]]>");
    buf_add_text(&text, "\",\"explanation\":{\"why-not\":[\"<script>\"],\"operations\":[");
    for (int i = 0; i < 200; i++) {
        buf_addf(&text, "%s{\"index\":%d,\"process\":%d,\"f\":\"<x onload='a'>\",\"value\":\"",
                 i > 0 ? "," : "", i, i % 50);
        for (int k = 0; k < 60; k++)
            buf_add_text(&text, "\\\"><svg/>");
        buf_addf(&text, "\",\"invoked\":%d,\"completed\":%d}", 1000 * i, 1000 * i + 5500);
    }
    buf_add_text(&text, "]}}");
    svg = picture(text.data);
    check_sound(svg);
    CHECK(strstr(svg, "<script") == NULL && strstr(svg, "<x ") == NULL);
    CHECK_INT(count_of(svg, "<rect class=\"bar"), EVIDENCE_SVG_OPERATIONS_MAX);
    CHECK(strlen(svg) < 100000);
    mem_free(svg);
    buf_release(&text);
}

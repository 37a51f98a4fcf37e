#include "entry.h"

#include "../base/test.h"

static bool parse(const char *line, bool brief, struct entry *ev)
{
    return entry_parse(str_of(line), brief, ev);
}

TEST(each_kind_of_line_is_read)
{
    struct entry ev;

    CHECK(parse("{\"t\":12,\"e\":\"send\",\"id\":5,\"src\":\"c3\",\"dest\":\"n1\",\"body\":{"
                "\"type\":\"x\"}}",
                false, &ev));
    CHECK(ev.kind == ENTRY_SEND && ev.t_ns == 12 && ev.id == 5);
    CHECK(str_is(ev.src, "c3") && str_is(ev.dest, "n1") && str_is(ev.body, "{\"type\":\"x\"}"));
    CHECK(parse("{\"t\":1,\"e\":\"drop\",\"id\":5,\"why\":\"loss\"}", false, &ev));
    CHECK(ev.kind == ENTRY_DROP && str_is(ev.why, "loss"));
    CHECK(parse("{\"t\":9,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\",\"text\":\"n0\","
                "\"nodes\":[\"n0\"]}",
                false, &ev));
    CHECK(ev.kind == ENTRY_FAULT && str_is(ev.fault, "kill") && str_is(ev.what, "stop"));
    CHECK(str_is(ev.nodes, "[\"n0\"]"));
    CHECK(parse("{\"t\":9,\"e\":\"step\",\"text\":\"a\",\"ok\":true}", false, &ev));
    CHECK(ev.kind == ENTRY_STEP && ev.ok);
    CHECK(parse("{\"t\":9,\"e\":\"novelty\"}", false, &ev));
    CHECK(ev.kind == ENTRY_OTHER);
}

TEST(members_may_come_in_any_order_and_unknown_ones_are_skipped)
{
    struct entry ev;

    CHECK(
        parse("{\"body\":{\"e\":\"recv\",\"t\":99},\"extra\":[1,{\"t\":2}],\"e\":\"send\",\"t\":3}",
              false, &ev));
    CHECK(ev.kind == ENTRY_SEND && ev.t_ns == 3);
}

TEST(what_is_no_journal_line_is_refused)
{
    struct entry ev = {.id = 77};

    CHECK(!parse("", false, &ev));
    CHECK(!parse("[]", false, &ev));
    CHECK(!parse("{\"t\":1}", false, &ev));
    CHECK(!parse("{\"e\":\"recv\"}", false, &ev));
    CHECK(!parse("{\"t\":\"1\",\"e\":\"recv\"}", false, &ev));
    CHECK(!parse("{\"t\":1,\"e\":\"recv\"", false, &ev));
    CHECK(!parse("{\"t\":1,\"e\":\"recv\",}", false, &ev));
    CHECK_INT(ev.id, 77);
}

TEST(a_brief_reading_stops_at_the_kind)
{
    struct entry ev;

    CHECK(parse("{\"t\":1,\"e\":\"recv\",\"id\":broken", true, &ev));
    CHECK(ev.kind == ENTRY_RECV);
    CHECK(!parse("{\"t\":1,\"e\":\"log\",\"text\":broken", true, &ev));
}

#include "story.h"

#include "../base/test.h"
#include "example.h"

TEST(a_journal_becomes_messages_and_bands)
{
    struct example e;
    struct story *s;

    example_init(&e);
    example_send(&e, 1, 0, "c0", "n0", "{\"type\":\"init\"}");
    example_recv(&e, 2, 0);
    example_send(&e, 5, 1, "n0", "n1", "{\"type\":\"gossip\"}");
    example_recv(&e, 7, 1);
    example_recv(&e, 8, 1);
    example_send(&e, 9, 2, "n1", "c0", "{\"type\":\"error\"}");
    example_drop(&e, 9, 2, "gone");
    s = example_story(&e);
    CHECK_INT(s->kept_events, 5);
    CHECK_INT(s->message_events, 5);
    CHECK(s->messages[0].is_hidden && s->messages[2].is_error);
    CHECK(str_is(s->messages[1].type, "gossip"));
    CHECK(str_is(s->events[4].text, "gone"));
    CHECK(story_role(s, s->messages[2].dest) == ROLE_CLIENT);
    CHECK_INT(s->bad_lines, 0);
    story_free(s);
    example_release(&e);
}

TEST(faults_end_at_their_own_stop)
{
    struct example e;
    struct story *s;

    example_init(&e);
    example_line(
        &e, "{\"t\":10,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"nodes\":[\"n0\"]}");
    example_line(
        &e, "{\"t\":20,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"nodes\":[\"n1\"]}");
    example_line(
        &e, "{\"t\":30,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\",\"nodes\":[\"n1\"]}");
    example_line(&e,
                 "{\"t\":40,\"e\":\"fault\",\"kind\":\"loss\",\"what\":\"start\",\"nodes\":[]}");
    example_line(&e,
                 "{\"t\":50,\"e\":\"fault\",\"kind\":\"loss\",\"what\":\"start\",\"nodes\":[]}");
    example_line(&e, "{\"t\":60,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\"}");
    s = example_story(&e);
    CHECK_INT(s->band_count, 4);
    CHECK_INT(s->bands[0].stop_ns, 60);
    CHECK_INT(s->bands[1].stop_ns, 30);
    CHECK_INT(s->bands[2].stop_ns, 50);
    CHECK_INT(s->bands[3].stop_ns, e.view.end_ns);
    story_free(s);
    example_release(&e);
}

TEST(faults_without_a_list_of_nodes_are_known_by_their_text)
{
    struct example e;
    struct story *s;

    example_init(&e);
    example_line(&e,
                 "{\"t\":1,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"text\":\"n0\"}");
    example_line(&e,
                 "{\"t\":2,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\",\"text\":\"n1\"}");
    example_line(&e,
                 "{\"t\":3,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\",\"text\":\"n0\"}");
    example_line(&e,
                 "{\"t\":4,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\",\"text\":\"all\"}");
    s = example_story(&e);
    CHECK_INT(s->band_count, 2);
    CHECK_INT(s->bands[0].stop_ns, 3);
    CHECK_INT(s->bands[1].stop_ns, 4);
    story_free(s);
    example_release(&e);
}

TEST(lines_that_make_no_sense_are_counted)
{
    struct example e;
    struct story *s;

    example_init(&e);
    example_line(&e, "nonsense");
    example_recv(&e, 1, 99); /* never sent */
    example_send(&e, 1, 5, "n0", "n1", "{\"type\":\"a\"}");
    example_send(&e, 1, 5, "n0", "n1", "{\"type\":\"b\"}"); /* a number used before */
    example_line(&e, "");
    s = example_story(&e);
    CHECK_INT(s->bad_lines, 3);
    CHECK_INT(s->kept_events, 1);
    story_free(s);
    example_release(&e);
}

TEST(the_window_is_bounded_and_the_rest_counted)
{
    struct example e;
    struct story *s;

    example_init(&e);
    for (uint64_t i = 0; i < STORY_EVENTS_MAX; i++) {
        example_send(&e, (int64_t)i, i, "n0", "n1", "{\"type\":\"a\"}");
        example_recv(&e, (int64_t)i, i);
        example_line(&e, "{\"t\":1,\"e\":\"log\",\"node\":\"n0\",\"text\":\"x\"}");
    }
    for (int i = 0; i < STORY_BANDS_MAX + 3; i++) {
        example_line(&e, "{\"t\":1,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"start\"}");
        example_line(&e, "{\"t\":1,\"e\":\"fault\",\"kind\":\"kill\",\"what\":\"stop\"}");
    }
    s = example_story(&e);
    CHECK_INT(s->kept_events, STORY_EVENTS_MAX);
    CHECK_INT(s->message_events, 2 * STORY_EVENTS_MAX);
    CHECK_INT(s->note_count, STORY_NOTES_MAX);
    CHECK_INT(s->notes_left_out, STORY_EVENTS_MAX - STORY_NOTES_MAX);
    CHECK_INT(s->band_count, STORY_BANDS_MAX);
    CHECK_INT(s->bands_left_out, 3);
    story_free(s);
    example_release(&e);
}

TEST(a_missing_journal_is_an_error_and_no_journal_is_none)
{
    struct example e;
    struct err err = {.text = ""};
    struct story *s = NULL;

    example_init(&e);
    CHECK_INT(story_read(&e.view, &s, &err), ERR_MACHINE);
    CHECK(s == NULL);
    CHECK_HAS(err.text, "journal.jsonl.zst");
    e.view.journal_path = NULL;
    CHECK_INT(story_read(&e.view, &s, &err), 0);
    CHECK_INT(s->event_count, 0);
    story_free(s);
    example_release(&e);
}

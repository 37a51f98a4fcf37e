#include "history_story.h"
#include "kafka.h"
#include "verdict.h"

#include <stdio.h>

static struct verdict judge(const char *text)
{
    struct history *h = story(text);
    struct verdict v;

    kafka_check(h, &v);
    history_free(h);
    return v;
}

static void check_detail(const struct verdict *v, const char *name, const char *wanted)
{
    char *text = json_dumps(json_object_get(v->details, name), JSON_ENCODE_ANY | JSON_COMPACT);

    CHECK_TEXT(text != NULL ? text : "(absent)", wanted);
    free(text);
}

static void check_bad(const char *text, const char *types, const char *sentence)
{
    struct verdict v = judge(text);

    check_detail(&v, "bad-error-types", types);
    CHECK_INT(v.valid, VALID_FALSE);
    CHECK_TEXT(v.sentence, sentence);
    verdict_release(&v);
}

/* A send of value to key "a" by process 0 that gets offset. */
#define SEND(value, offset)                                                                        \
    "0@0 invoke send [[\"send\",\"a\"," value "]]\n"                                               \
    "0 ok send [[\"send\",\"a\",[" offset "," value "]]]\n"
/* A poll by process 1 that shows messages of key "a". */
#define POLL(messages)                                                                             \
    "1@1 invoke poll [[\"poll\"]]\n"                                                               \
    "1 ok poll [[\"poll\",{\"a\":[" messages "]}]]\n"
#define ASSIGN(keys)                                                                               \
    "1@1 invoke assign [" keys "]\n"                                                               \
    "1 ok assign [" keys "]\n"

TEST(sound_histories_are_valid)
{
    static const char *const sound[] = {
        "",
        SEND("7", "0") SEND("8", "5") ASSIGN("\"a\"") POLL("[0,7],[5,8]"),
        SEND("7", "0") SEND("8", "5") ASSIGN("\"a\"") POLL("[0,7]") POLL("") POLL("[5,8]"),
        /* positions are forgotten with the key, kept otherwise */
        SEND("7", "0") SEND("8", "5") ASSIGN("\"a\"") POLL("[0,7],[5,8]") ASSIGN("\"b\"")
            ASSIGN("\"a\"") POLL("[0,7]"),
        SEND("7", "0") SEND("8", "5") ASSIGN("\"a\"") POLL("[0,7]") ASSIGN("\"a\",\"b\"")
            POLL("[5,8]"),
        /* 9 and "9" are one key; no messages may be null */
        "0 invoke send [[\"send\",9,1]]\n0 ok send [[\"send\",9,[0,1]]]\n"
        "1 invoke poll [[\"poll\"]]\n1 ok poll [[\"poll\",{\"9\":[[0,1]],\"a\":null}]]\n"
        "1 invoke poll [[\"poll\"]]\n1 ok poll [[\"poll\",null]]\n",
        /* a failed send that failed, a lost one of unknown outcome, and one that took effect */
        "2 invoke send [[\"send\",\"a\",1]]\n2 fail send [[\"send\",\"a\",1]]\n"
        "2 invoke send [[\"send\",\"a\",2]]\n2 info send [[\"send\",\"a\",2]]\n"
        "3 invoke send [[\"send\",\"a\",3]]\n" POLL("[4,3]"),
        /* known by its value alone: an offset of null */
        SEND("7", "0") POLL("[null,7]"),
        /* the same value under two keys is two values */
        SEND("7", "0")
            POLL("[0,7]") "0 invoke send [[\"send\",\"b\",7]]\n"
                          "0 ok send [[\"send\",\"b\",[3,7]]]\n1 invoke poll [[\"poll\"]]\n"
                          "1 ok poll [[\"poll\",{\"b\":[[3,7]]}]]\n",
    };
    size_t i;

    for (i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
        struct verdict v = judge(sound[i]);
        CHECK_TEXT(v.sentence != NULL ? v.sentence : "", "");
        CHECK_INT(v.valid, VALID_TRUE);
        check_detail(&v, "error-types", "[]");
        verdict_release(&v);
    }
}

TEST(an_acknowledged_message_that_polls_pass_by_is_lost)
{
    check_bad(SEND("7", "0") SEND("8", "1") POLL("[1,8]"), "[\"lost-write\",\"unseen\"]",
              "lost-write: key a: the send of 7 was acknowledged to process 0 at n0, 1 ms with "
              "offset 0, but no poll ever showed it, although polls went beyond it");
}

TEST(an_acknowledged_message_that_nobody_polls_is_unseen)
{
    check_bad(SEND("7", "0") SEND("8", "1") POLL("[0,7]"), "[\"unseen\"]",
              "unseen: key a: the send of 8 was acknowledged to process 0 at n0, 3 ms, but by the "
              "end no poll had shown it");
}

TEST(an_offset_holds_one_value)
{
    check_bad(
        SEND("7", "0") POLL("[0,7]") "3@1 invoke send [[\"send\",\"a\",9]]\n"
                                     "3 ok send [[\"send\",\"a\",[0,9]]]\n"
                                     "4@1 invoke poll [[\"poll\"]]\n"
                                     "4 ok poll [[\"poll\",{\"a\":[[0,9]]}]]\n",
        "[\"inconsistent-offsets\"]",
        "inconsistent-offsets: key a: offset 0 was seen to hold 7 (process 0 at n0, 1 ms) and "
        "9 (process 3 at n1, 5 ms)");
}

TEST(nobody_polls_what_nobody_sent)
{
    check_bad(SEND("7", "0") POLL("[0,7],[1,8]"), "[\"phantom\"]",
              "phantom: key a: process 1 at n1, 3 ms, polled 8, which no client ever sent");
}

TEST(a_value_has_one_offset)
{
    check_bad(SEND("7", "0") POLL("[0,7],[1,7]"), "[\"duplicate\"]",
              "duplicate: key a: 7 was seen at more than one offset");
}

TEST(a_failed_send_is_not_polled)
{
    check_bad(
        "0@0 invoke send [[\"send\",\"a\",7]]\n0 fail send [[\"send\",\"a\",7]]\n" POLL("[0,7]"),
        "[\"G1a\"]", "G1a: key a: the send of 7 failed, but process 1 at n1, 3 ms, polled it");
}

TEST(polls_neither_skip_nor_go_back)
{
    check_bad(SEND("7", "0") SEND("8", "2") SEND("9", "4") POLL("[0,7]") POLL(
                  "[4,9]") "3@1 invoke poll [[\"poll\"]]\n3 ok poll [[\"poll\",{\"a\":[[2,8]]}]]\n",
              "[\"poll-skip\"]",
              "poll-skip: key a: after 7 at offset 0, process 1 at n1, 9 ms, polled 9 at offset 4: "
              "messages between these exist and were passed over");
    check_bad(SEND("7", "0") SEND("8", "2") POLL("[0,7],[2,8]") POLL("[2,8]"),
              "[\"nonmonotonic-poll\"]",
              "nonmonotonic-poll: key a: after 8 at offset 2, process 1 at n1, 7 ms, polled 8 at "
              "offset 2: polls must go forward");
    check_bad(SEND("7", "0") SEND("8", "2") SEND("9", "4") POLL("[0,7],[4,9],[2,8]"),
              "[\"int-nonmonotonic-poll\",\"int-poll-skip\"]",
              "int-nonmonotonic-poll: key a: after 9 at offset 4, process 1 at n1, 7 ms, polled 8 "
              "at offset 2: polls must go forward");
    /* an assign that keeps the key keeps the position */
    check_bad(SEND("7", "0") SEND("8", "2") ASSIGN("\"a\"") POLL("[0,7],[2,8]") ASSIGN("\"a\"")
                  POLL("[0,7]"),
              "[\"nonmonotonic-poll\"]",
              "nonmonotonic-poll: key a: after 8 at offset 2, process 1 at n1, 11 ms, polled 7 at "
              "offset 0: polls must go forward");
}

TEST(sends_of_a_process_go_forward)
{
    check_bad(SEND("7", "5") SEND("8", "2") POLL("[2,8],[5,7]"), "[\"nonmonotonic-send\"]",
              "nonmonotonic-send: key a: after 7 at offset 5, process 0 at n0, 3 ms, sent 8 at "
              "offset 2: later sends of a process must get higher offsets");
    check_bad("0@0 invoke txn [[\"send\",\"a\",7],[\"send\",\"a\",8]]\n"
              "0 ok txn [[\"send\",\"a\",[5,7]],[\"send\",\"a\",[2,8]]]\n" POLL("[2,8],[5,7]"),
              "[\"int-nonmonotonic-send\"]",
              "int-nonmonotonic-send: key a: after 7 at offset 5, process 0 at n0, 1 ms, sent 8 at "
              "offset 2: later sends of a process must get higher offsets");
}

TEST(a_gap_inside_one_operation_is_allowed)
{
    struct verdict v = judge("0@0 invoke txn [[\"send\",\"a\",7],[\"send\",\"a\",8]]\n"
                             "0 ok txn [[\"send\",\"a\",[0,7]],[\"send\",\"a\",[2,8]]]\n"
                             "2 invoke send [[\"send\",\"a\",9]]\n"
                             "2 ok send [[\"send\",\"a\",[1,9]]]\n" POLL("[0,7],[1,9],[2,8]"));

    CHECK_INT(v.valid, VALID_TRUE);
    check_detail(&v, "error-types", "[\"int-send-skip\"]");
    verdict_release(&v);
}

TEST(no_poll_shows_the_future)
{
    check_bad(POLL("[0,7]") SEND("7", "0"), "[\"G1c-realtime\"]",
              "G1c-realtime: 2 operations depend on each other in a circle (a poll shows a message "
              "that was sent only afterwards): process 1 at n1, 1 ms; process 0 at n0, 3 ms");
    check_bad(
        "0@0 invoke txn [[\"send\",\"a\",1],[\"poll\"]]\n"
        "1@1 invoke txn [[\"send\",\"b\",2],[\"poll\"]]\n"
        "0 ok txn [[\"send\",\"a\",[0,1]],[\"poll\",{\"b\":[[0,2]]}]]\n"
        "1 ok txn [[\"send\",\"b\",[0,2]],[\"poll\",{\"a\":[[0,1]]}]]\n",
        "[\"G1c\"]",
        "G1c: 2 operations depend on each other in a circle: process 0 at n0, 2 ms; process 1 "
        "at n1, 3 ms");
    check_bad(POLL("[0,7]") "0@0 invoke send [[\"send\",\"a\",7]]\n"
                            "0 info send [[\"send\",\"a\",7]]\n",
              "[\"G1c-realtime\"]",
              "G1c-realtime: 2 operations depend on each other in a circle (a poll shows a message "
              "that was sent only afterwards): process 1 at n1, 1 ms; process 0 at n0, 3 ms");
    check_bad("0@0 invoke txn [[\"send\",\"a\",1],[\"poll\"]]\n"
              "0 ok txn [[\"send\",\"a\",[0,1]],[\"poll\",{\"a\":[[0,1]]}]]\n",
              "[\"precommitted-read\"]",
              "precommitted-read: process 0 at n0, 1 ms, polled what the same operation sends");
}

TEST(what_ended_maelstroms_analysis_is_judged)
{
    check_bad(POLL("[null,1]"), "[\"phantom\"]",
              "phantom: key a: process 1 at n1, 1 ms, polled 1, which no client ever sent");
    check_bad(
        "1@1 invoke poll [[\"poll\"]]\n1 ok poll [[\"poll\",{\"a\":[7]}]]\n", "[\"malformed\"]",
        "malformed: process 1 at n1, 1 ms, has a value of another shape than [[\"send\", key, "
        "[offset, value]]] or [[\"poll\", {key: [[offset, value], ...]}]]: "
        "[[\"poll\",{\"a\":[7]}]]");
    check_bad(
        "1@1 invoke poll [[\"poll\"]]\n1 ok poll 5\n", "[\"malformed\"]",
        "malformed: process 1 at n1, 1 ms, has a value of another shape than [[\"send\", key, "
        "[offset, value]]] or [[\"poll\", {key: [[offset, value], ...]}]]: 5");
}

TEST(the_worst_lag_is_from_a_message_known_to_the_poll_that_still_lacks_it)
{
    struct verdict v =
        judge(SEND("7", "0") ASSIGN("\"a\"") "40ms 1@1 invoke poll [[\"poll\"]]\n"
                                             "1 ok poll [[\"poll\",{}]]\n" POLL("[0,7]"));

    check_detail(&v, "worst-realtime-lag",
                 "{\"time\":40000000,\"process\":1,\"key\":\"a\",\"lag\":39000000}");
    verdict_release(&v);
}

TEST(lists_are_bounded_and_causes_distinct)
{
    struct buf text = {0};
    struct verdict v;
    int i;

    for (i = 0; i < 50; i++)
        buf_addf(&text,
                 "0 invoke send [[\"send\",\"a\",%d]]\n0 ok send [[\"send\",\"a\",[%d,%d]]]\n", i,
                 i, i);
    v = judge(text.data);
    CHECK_INT(json_integer_value(json_object_get(json_object_get(v.details, "unseen"), "count")),
              50);
    CHECK_INT(json_array_size(json_object_get(json_object_get(v.details, "unseen"), "errors")),
              VERDICT_LIST_MAX);
    verdict_release(&v);
    buf_release(&text);
}

#include "steps_text.h"

#include "../base/mem.h"
#include "../base/test.h"

static char *text_of(const char *json)
{
    struct buf out = {0};
    json_t *steps = json_loads(json, 0, NULL);

    CHECK(steps != NULL);
    steps_text(steps, &out);
    json_decref(steps);
    return buf_take(&out);
}

TEST(a_line_for_each_step)
{
    char *text =
        text_of("[{\"name\":\"first\",\"from-ns\":0,\"to-ns\":5000000,\"passed\":true},"
                "{\"name\":\"second\",\"from-ns\":5000000,\"to-ns\":6000000,\"passed\":false}]");

    CHECK_TEXT(text, "  ok    first  (0 s to 5 ms)\n"
                     "  ...   second  (5 ms to 6 ms)\n");
    mem_free(text);
}

#define MESSAGE                                                                                    \
    "{\"id\":7,\"from\":\"c0\",\"to\":\"n0\",\"type\":\"x\",\"sent-ns\":1000000,\"body\":{\"a\":"  \
    "1}"
#define FAILED(inside)                                                                             \
    "[{\"name\":\"it\",\"from-ns\":0,\"to-ns\":2000000,\"passed\":false,\"failure\":{"             \
    "\"what\":\"the "                                                                              \
    "total\",\"expected\":\"8\",\"seen\":\"5\",\"at-ns\":2000000,\"messages\":[" inside

TEST(a_failure_says_what_was_expected_and_which_messages_led_there)
{
    char *text = text_of(FAILED(MESSAGE ",\"received-ns\":1000000}," MESSAGE
                                        ",\"received-ns\":3000000}," MESSAGE
                                        ",\"dropped\":\"loss\"}," MESSAGE "}]}}]"));

    CHECK_TEXT(text, "  FAIL  it  (0 s to 2 ms)\n"
                     "        what      the total\n"
                     "        expected  8\n"
                     "        seen      5\n"
                     "        at        2 ms\n"
                     "        messages that led there:\n"
                     "          1 ms         c0 -> n0  {\"a\":1}\n"
                     "          1 ms         c0 -> n0  {\"a\":1}  (received at 3 ms)\n"
                     "          1 ms         c0 -> n0  {\"a\":1}  (lost: loss)\n"
                     "          1 ms         c0 -> n0  {\"a\":1}  (under way)\n");
    mem_free(text);
}

TEST(the_shortest_sequence_stands_below)
{
    char *text =
        text_of(FAILED("],\"evidence\":{\"model\":{\"asked\":[0,1],\"operations\":[{\"long\":1}]}},"
                       "\"shortest-tried\":12,\"shortest\":{\"what\":\"operation 1 of "
                       "1\",\"expected\":\"3\",\"seen\":\"2\","
                       "\"at-ns\":0,\"messages\":[],\"evidence\":{\"model\":{\"asked\":[9],"
                       "\"operations\":[{\"add\":3}]}}}}}]"));

    CHECK_HAS(text, "        fewer operations fail, too (found in 12 runs):\n"
                    "        what      operation 1 of 1\n"
                    "        expected  3\n"
                    "        seen      2\n"
                    "        at        0 s\n"
                    "        operations up to there, 1 in all:\n"
                    "          {\"add\":3}\n");
    CHECK(strstr(text, "long") == NULL);
    mem_free(text);
}

/* What a program under test says must not command the terminal. */
TEST(texts_of_strangers_lose_their_control_characters)
{
    char *text = text_of(
        "[{\"name\":\"\\u001b[31m\",\"from-ns\":0,\"to-ns\":0,\"passed\":false,\"failure\":{"
        "\"what\":\"\\u001b\",\"expected\":\"\\u0007\",\"seen\":\"a\\nb\",\"at-ns\":0,\"messages\":"
        "["
        "{\"id\":1,\"from\":\"n0\",\"to\":\"c0\",\"sent-ns\":0,\"body\":\"\\u001b]0;x\"}]}}]");

    CHECK(strchr(text, '\x1b') == NULL && strchr(text, '\a') == NULL);
    CHECK_HAS(text, "seen      a b\n");
    mem_free(text);
}

#include "results_edn.h"

#include "../base/mem.h"
#include "../base/test.h"
#include "../check/edn.h"

#include <stdlib.h>

static char *edn_of(const char *json)
{
    struct buf out = {0};
    json_t *results = json_loads(json, 0, NULL);

    CHECK(results != NULL);
    results_edn(results, &out);
    json_decref(results);
    return buf_take(&out);
}

#define COUNTS "\"valid?\":true,\"count\":1,\"ok-count\":1,\"fail-count\":0,\"info-count\":0"
#define THREE "\"send-count\":422,\"recv-count\":422,\"msg-count\":422"
static const char WHOLE[] =
    ("{\"valid?\":false,\"sentence\":\"not here\",\"workload\":{\"lost\":[],\"valid?\":false},"
     "\"stats\":{" COUNTS ",\"by-f\":{\"read\":{" COUNTS "},\"add\":{" COUNTS "}}},"
     "\"availability\":{\"ok-fraction\":1.0,\"valid?\":true},"
     "\"net\":{\"all\":{" THREE ",\"msgs-per-op\":119.258705},\"clients\":{" THREE
     "},\"servers\":{" THREE ",\"msgs-per-op\":2.5},\"dropped\":{},\"valid?\":true},"
     "\"perf\":{\"latency-graph\":{\"valid?\":true},\"rate-graph\":{\"valid?\":true},"
     "\"latencies\":{\"x\":1},\"valid?\":true},\"timeline\":{\"valid?\":true},"
     "\"exceptions\":{\"valid?\":true},\"run\":{\"seed\":1}}");

/* Scripts take the messages for each operation from line 30, hence the layout to the letter. */
TEST(parts_stand_in_maelstroms_order_and_layout)
{
    char *text = edn_of(WHOLE);

    CHECK_TEXT(text, "{:perf {:latency-graph {:valid? true},\n"
                     "        :rate-graph {:valid? true},\n"
                     "        :valid? true},\n"
                     " :timeline {:valid? true},\n"
                     " :exceptions {:valid? true},\n"
                     " :stats {:valid? true,\n"
                     "         :count 1,\n"
                     "         :ok-count 1,\n"
                     "         :fail-count 0,\n"
                     "         :info-count 0,\n"
                     "         :by-f {:add {:valid? true,\n"
                     "                      :count 1,\n"
                     "                      :ok-count 1,\n"
                     "                      :fail-count 0,\n"
                     "                      :info-count 0},\n"
                     "                :read {:valid? true,\n"
                     "                       :count 1,\n"
                     "                       :ok-count 1,\n"
                     "                       :fail-count 0,\n"
                     "                       :info-count 0}}},\n"
                     " :availability {:valid? true, :ok-fraction 1.0},\n"
                     " :net {:all {:send-count 422,\n"
                     "             :recv-count 422,\n"
                     "             :msg-count 422,\n"
                     "             :msgs-per-op 119.258705},\n"
                     "       :clients {:send-count 422, :recv-count 422, :msg-count 422},\n"
                     "       :servers {:send-count 422,\n"
                     "                 :recv-count 422,\n"
                     "                 :msg-count 422,\n"
                     "                 :msgs-per-op 2.5},\n"
                     "       :valid? true},\n"
                     " :workload {:valid? false, :lost ()},\n"
                     " :valid? false}");
    mem_free(text);
}

TEST(names_numbers_and_texts_are_told_apart)
{
    char *text = edn_of("{\"workload\":{\"0.5\":1,\"0\":2,\"007\":3,\"1.\":4,\"a b\":5,"
                        "\"valid?\":\"unknown\"},\"valid?\":\"unknown\"}");

    CHECK_TEXT(text, "{:workload {:valid? :unknown, 0.5 1, 0 2, \"007\" 3, \"1.\" 4, \"a b\" 5},\n "
                     ":valid? :unknown}");
    mem_free(text);
    text = edn_of("{\"workload\":{\"not\":[\"serializable\"],\"f\":\"read\",\"text\":\"read\","
                  "\"outcome\":\"two words\",\"acceptable\":[[0,3],[5,5]],\"nothing\":null}}");
    CHECK_TEXT(text, "{:workload {:not (:serializable),\n"
                     "            :f :read,\n"
                     "            :text \"read\",\n"
                     "            :outcome \"two words\",\n"
                     "            :acceptable ([0 3] [5 5]),\n"
                     "            :nothing nil}}");
    mem_free(text);
}

/* What programs under test wrote may be anything. */
TEST(any_text_is_read_again_as_it_was)
{
    static const char *const TEXTS[] = {"",         "\"",      "\\",       "a\nb\tc",
                                        "\x01\x7f", "\b\f\r/", ":keyword", "{(]",
                                        "ヽ(‘ー`)", "\\u0041", "#_ghost;", "\xf0\x9f\x98\x80"};
    size_t i;

    for (i = 0; i < sizeof(TEXTS) / sizeof(TEXTS[0]); i++) {
        json_t *results =
            json_pack("{s:{s:s, s:[s]}}", "workload", "error", TEXTS[i], TEXTS[i], TEXTS[i]);
        struct buf out = {0}, again = {0};
        struct edn_reader reader;
        json_t *read;

        CHECK(results != NULL);
        results_edn(results, &out);
        edn_reader_init(&reader, buf_str(&out));
        edn_next(&reader);
        CHECK(edn_json(&reader, &again));
        CHECK_INT(edn_next(&reader), EDN_END);
        read = json_loads(again.data, 0, NULL);
        CHECK(json_equal(read, results));
        json_decref(read);
        json_decref(results);
        buf_release(&out);
        buf_release(&again);
    }
}

/* A form that does not fit is broken again and again inside itself. */
TEST(deep_and_wide_results_are_broken_in_little_time)
{
    struct buf json = {0}, out = {0};
    json_t *results;
    int i;

    buf_add_text(&json, "{\"workload\":");
    for (i = 0; i < 40; i++)
        buf_add_text(&json, "{\"a\":");
    buf_add_char(&json, '[');
    for (i = 0; i < 20000; i++)
        buf_addf(&json, "%s%d", i > 0 ? "," : "", i);
    buf_add_char(&json, ']');
    for (i = 0; i < 40; i++)
        buf_add_char(&json, '}');
    buf_add_char(&json, '}');
    results = json_loads(json.data, 0, NULL);
    CHECK(results != NULL);
    results_edn(results, &out);
    CHECK(strstr(out.data, "(0\n") != NULL);
    CHECK(strstr(out.data, " 19999)}}") != NULL);
    json_decref(results);
    buf_release(&json);
    buf_release(&out);
}

TEST(the_last_line_says_the_verdict)
{
    json_t *valid = json_pack("{s:b}", "valid?", 1), *invalid = json_pack("{s:b}", "valid?", 0),
           *unknown = json_pack("{s:s}", "valid?", "unknown");

    CHECK(strstr(results_last_line(valid), "Everything looks good!") != NULL);
    CHECK(strstr(results_last_line(invalid), "Analysis invalid!") != NULL);
    CHECK(strstr(results_last_line(unknown), "no anomalies found") != NULL);
    json_decref(valid);
    json_decref(invalid);
    json_decref(unknown);
}

#include "import.h"

#include "history.h"

#include "../base/err.h"
#include "../base/test.h"

#include <stdio.h>
#include <stdlib.h>

/* The history in text as lines of history.jsonl, or the sentence about the fault. */
static const char *read_as(const char *text, enum import_format format)
{
    static struct buf out;
    struct imported got = {0};
    struct err err = {.text = ""};
    uint32_t i;

    buf_reset(&out);
    if (import_history(str_of(text), format, &got, &err) < 0) {
        CHECK(got.history == NULL);
        buf_add_text(&out, err.text);
        return out.data;
    }
    for (i = 0; i < history_len(got.history); i++) {
        history_line(got.history, i, NULL, &out);
        buf_add_char(&out, '\n');
    }
    history_free(got.history);
    return out.data;
}

static const char *read_text(const char *text)
{
    return read_as(text, IMPORT_ANY);
}

/* What the four notations below say. */
static const char cas_story[] =
    "{\"index\":0,\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":3}\n"
    "{\"index\":1,\"time\":1000000,\"process\":1,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[3,4]}"
    "\n"
    "{\"index\":2,\"time\":2000000,\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":3}\n"
    "{\"index\":3,\"time\":3000000,\"process\":1,\"type\":\"info\",\"f\":\"cas\",\"value\":\"timed-"
    "out\"}\n";

TEST(edn_maps_line_by_line)
{
    CHECK_TEXT(read_text("{:process 0, :type :invoke, :f :write, :value 3}\n"
                         "{:process 1, :type :invoke, :f :cas, :value [3 4]}\n"
                         "{:process 0, :type :ok, :f :write, :value 3}\n"
                         "{:process 1, :type :info, :f :cas, :value :timed-out}\n"),
               cas_story);
}

TEST(edn_maps_in_a_vector_a_list_or_records)
{
    CHECK_TEXT(read_text("; a comment\n"
                         "[{:process 0, :type :invoke, :f :write, :value 3}\n"
                         " {:process 1, :type :invoke,\n   :f :cas, :value [3 4]}\n"
                         " {:process 0, :type :ok, :f :write, :value 3}\n"
                         " {:process 1, :type :info, :f :cas, :value :timed-out}]\n"),
               cas_story);
    CHECK_TEXT(read_text("({:process 0 :type :invoke :f :write :value 3}"
                         " {:process 1 :type :invoke :f :cas :value [3 4]}"
                         " {:process 0 :type :ok :f :write :value 3}"
                         " {:process 1 :type :info :f :cas :value :timed-out})"),
               cas_story);
    CHECK_TEXT(
        read_text(
            "#jepsen.history.Op{:index 0, :time -1, :type :invoke, :process 0, :f :write, :value "
            "3}\n"
            "#jepsen.history.Op{:index 1, :time -1, :type :invoke, :process 1, :f :cas, :value [3 "
            "4]}\n"
            "#jepsen.history.Op{:index 2, :time -1, :type :ok, :process 0, :f :write, :value 3}\n"
            "#jepsen.history.Op{:index 3, :time -1, :type :info, :process 1, :f :cas, :value "
            ":timed-out}\n"),
        cas_story);
}

TEST(json_lines_and_arrays)
{
    CHECK_TEXT(read_text(cas_story), cas_story);
    CHECK_TEXT(
        read_text(
            "[{\"process\":0,\"type\":\"invoke\",\"f\":\"write\",\"value\":3},\n"
            " {\"process\":1,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[ 3, 4 ]},\n"
            " {\"process\":0,\"type\":\"ok\",\"f\":\"write\",\"value\":3},\n"
            " {\"pro\\u0063ess\":1,\"type\":\"info\",\"f\":\"cas\",\"value\":\"timed-out\"}]\n"),
        cas_story);
}

TEST(text_logs)
{
    CHECK_TEXT(read_text("INFO  jepsen.util - 0\t:invoke\t:write\t3\n"
                         "INFO  jepsen.util - 1\t:invoke\t:cas\t[3 4]\n"
                         "INFO  jepsen.util - 0\t:ok\t:write\t3\n"
                         "INFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n"),
               cas_story);
    CHECK_TEXT(read_text("0   :invoke :write  3\r\n"
                         "1   :invoke :cas    [3 4]\r\n"
                         "0   :ok     :write  3\r\n"
                         "1   :info   :cas    :timed-out"),
               cas_story);
    CHECK_TEXT(
        read_text(
            "2024-05-01 10:00:00,001{GMT}\tINFO\t[main] jepsen.core: Running test\n"
            "2024-05-01 10:00:00,002{GMT}\tINFO\t[jepsen worker 0] jepsen.util: "
            "0\t:invoke\t:write\t3\n"
            "2024-05-01 10:00:00,002{GMT}\tINFO\t[jepsen worker 1] jepsen.util: "
            "1\t:invoke\t:cas\t[3 4]\n"
            "java.lang.Exception: not an event at all :invoke\n"
            "2024-05-01 10:00:00,003{GMT}\tINFO\t[jepsen worker 0] jepsen.util: 0\t:ok\t:write\t3\n"
            "2024-05-01 10:00:00,003{GMT}\tINFO\t[jepsen worker 1] jepsen.util: "
            "1\t:info\t:cas\t:timed-out\n"),
        cas_story);
}

TEST(errors_in_logs_stand_behind_the_value)
{
    CHECK_HAS(read_text("0\t:invoke\t:read\tnil\n0\t:fail\t:read\tnil\t[:not-found \"x\"]\n"),
              "\"error\":[\"not-found\",\"x\"]}");
    CHECK_HAS(read_text("0\t:invoke\t:read\tnil\n0\t:fail\t:read\tnil\t:a\t:b\n"),
              "\"error\":[\"a\",\"b\"]}");
}

TEST(lines_of_a_log_that_hold_no_event_are_counted)
{
    struct imported got = {0};
    struct err err = {.text = ""};

    CHECK_INT(
        import_history(STR_LIT("starting\n0\t:invoke\t:read\tnil\n\nend"), IMPORT_ANY, &got, &err),
        0);
    CHECK(got.format == IMPORT_LOG && got.skipped_lines == 3 && !got.has_times);
    CHECK_INT(history_len(got.history), 1);
    history_free(got.history);
}

TEST(a_key_beside_the_value_makes_a_pair)
{
    CHECK_TEXT(read_text("{:process 0, :type :invoke, :f :get, :key \"7\", :value nil}\n"
                         "{:process 0, :type :ok, :f :get, :key \"7\", :value \"x 0 y\"}\n"),
               "{\"index\":0,\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"get\",\"value\":["
               "\"7\",null]}\n"
               "{\"index\":1,\"time\":1000000,\"process\":0,\"type\":\"ok\",\"f\":\"get\","
               "\"value\":[\"7\",\"x 0 y\"]}\n");
}

TEST(members_are_taken_over)
{
    CHECK_TEXT(read_text("{:process 2, :type :invoke, :f :read, :value nil, :time 5, :node \"n1\", "
                         ":final? true, :x {1 2}}\n"
                         "{:process 2, :type :fail, :f :read, :value nil, :time 9, :error [:a "
                         "\"b\"], :final? true}\n"),
               "{\"index\":0,\"time\":5,\"process\":2,\"type\":\"invoke\",\"f\":\"read\",\"value\":"
               "null,\"node\":\"n1\",\"final\":true}\n"
               "{\"index\":1,\"time\":9,\"process\":2,\"type\":\"fail\",\"f\":\"read\",\"value\":"
               "null,\"node\":\"n1\",\"final\":true,\"error\":[\"a\",\"b\"]}\n");
}

TEST(the_nemesis_is_a_process_of_faults_whatever_its_types)
{
    CHECK_TEXT(read_text("{:process :nemesis, :type :invoke, :f :start, :value nil}\n"
                         "{:process :nemesis, :type :info, :f nil, :value :x}\n"),
               "{\"index\":0,\"time\":0,\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"start\","
               "\"value\":null}\n"
               "{\"index\":1,\"time\":1000000,\"process\":\"nemesis\",\"type\":\"info\",\"f\":"
               "\"nemesis\",\"value\":\"x\"}\n");
}

TEST(the_answer_of_an_echo_is_what_was_echoed)
{
    CHECK_HAS(
        read_text(
            "{:process 0 :type :invoke :f :echo :value \"x\"}"
            "{:process 0 :type :ok :f :echo :value {:type \"echo_ok\" :msg_id 1 :echo \"x\"}}"),
        "\"type\":\"ok\",\"f\":\"echo\",\"value\":\"x\"}");
}

TEST(transactions_need_no_function)
{
    CHECK_HAS(read_text("{:process 0, :type :invoke, :value [[:append 1 2]]}"),
              "\"f\":\"txn\",\"value\":[[\"append\",1,2]]}");
}

TEST(operations_without_processes_follow_each_other)
{
    const char *said = read_text("{:type :invoke :value [[:r 1 nil]]}{:type :ok :value [[:r 1 []]]}"
                                 "{:type :invoke :value [[:r 1 nil]]}{:type :info :value nil}");

    CHECK_HAS(said, "\"index\":1,\"time\":1000000,\"process\":0,\"type\":\"ok\"");
    CHECK_HAS(said, "\"index\":3,\"time\":3000000,\"process\":1,\"type\":\"info\"");
}

/* Goal: what goes on after an info is a new process, and no number is given twice. */
TEST(operations_without_processes_that_overlap_are_told_apart_by_their_functions)
{
    CHECK_TEXT(read_text("{:type :invoke :f :read}\n{:type :invoke :f :write :value 4}\n"
                         "{:type :invoke :f :cas :value [1 2]}\n"
                         "{:type :ok :f :read :value 3}\n{:type :ok :f :cas :value [1 2]}\n"),
               "{\"index\":0,\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"read\","
               "\"value\":null}\n"
               "{\"index\":1,\"time\":1000000,\"process\":1,\"type\":\"invoke\",\"f\":\"write\","
               "\"value\":4}\n"
               "{\"index\":2,\"time\":2000000,\"process\":2,\"type\":\"invoke\",\"f\":\"cas\","
               "\"value\":[1,2]}\n"
               "{\"index\":3,\"time\":3000000,\"process\":0,\"type\":\"ok\",\"f\":\"read\","
               "\"value\":3}\n"
               "{\"index\":4,\"time\":4000000,\"process\":2,\"type\":\"ok\",\"f\":\"cas\","
               "\"value\":[1,2]}\n");
}

TEST(a_process_that_goes_on_after_an_info_becomes_a_new_one)
{
    const char *said = read_text("0\t:invoke\t:write\t1\n0\t:info\t:write\t1\n"
                                 "0\t:invoke\t:write\t2\n0\t:info\t:write\t2\n"
                                 "1\t:invoke\t:write\t3\n1\t:ok\t:write\t3\n"
                                 "0\t:invoke\t:write\t4\n");

    CHECK_HAS(said, "\"index\":2,\"time\":2000000,\"process\":1,");
    CHECK_HAS(said, "\"index\":4,\"time\":4000000,\"process\":2,");
    CHECK_HAS(said, "\"index\":6,\"time\":6000000,\"process\":3,");
}

TEST(completions_without_any_invocation_get_theirs)
{
    const char *said = read_text("{:process 0, :type :ok, :value [[:append 1 2]]}\n"
                                 "{:process 1, :type :fail, :value [[:append 1 3]]}\n");

    CHECK_HAS(said, "{\"index\":0,\"time\":0,\"process\":0,\"type\":\"invoke\"");
    CHECK_HAS(said, "{\"index\":1,\"time\":0,\"process\":0,\"type\":\"ok\"");
    CHECK_HAS(said, "{\"index\":3,\"time\":2000000,\"process\":1,\"type\":\"fail\"");
}

TEST(broken_events_are_refused_with_line_and_column)
{
    static const char *const cases[][2] = {
        {"", "expected the events of a history"},
        {"[]", "expected the events of a history"},
        {"no log at all\n", "no line has a process"},
        {"{:process 0 :type :invoke :f :read", "line 1, column 35: the text ends where"},
        {"{:process 0 :type :start :f :read}",
         "line 1, column 19: expected invoke, ok, fail or info as \"type\", but found \"start\""},
        {"\n {:process 0 :f :read}",
         "line 2, column 2: expected an event with a \"type\", but it has none"},
        {"{:process 0 :type :invoke :f :a}\n{:type :ok :f :a}",
         "line 2, column 1: expected an event with a \"process\", but it has none"},
        {"{:type :invoke :f :a}\n{:type :ok :f :a :process 0}",
         "line 2, column 1: expected an event without \"process\""},
        {"{:type :invoke :f :a}\n{:type :invoke :f :a}\n{:type :ok :f :a}",
         "line 3, column 1: expected a \"process\": several operations of this function are open"},
        {"{:type :invoke :f :a}\n{:type :ok :f :b}", "line 2, column 1: process 1 has an ok event"},
        {"{:process -1 :type :ok :f :read}",
         "column 11: expected a number from 0 to 1999999 or a name as \"process\", but found -1"},
        {"{:process 2000000 :type :ok :f :read}", "expected a number from 0 to 1999999"},
        {"{:process 0 :type :invoke :f 7}",
         "expected the name of a function as \"f\", but found 7"},
        {"{:process 0 :type :invoke :f :a :time :b}",
         "expected an integer of nanoseconds as \"time\""},
        {"{:process 0 :type :invoke :f :a :node 5}", "expected a name as \"node\", but found 5"},
        {"{:process 0 :type :invoke :f :a}\n{:process 0 :type :invoke :f :a}",
         "line 2, column 1: process 0 invokes"},
        {"{:process 0 :type :invoke :f :a}\n{:process 1 :type :ok :f :a}",
         "line 2, column 1: process 1 has an ok event without an open invocation"},
        {"{:process 0 :type :invoke :f :a}\n{:process 0 :type :ok :f :b}",
         "completes the function b"},
        {"{:process 0 :type :ok :f :a}\n{:process 0 :type :invoke :f :a}",
         "line 2, column 1: expected a completion"},
        {"[[{:process 0}]]", "line 1, column 2: expected an event, a map"},
        {"{:process 0 :type :invoke :f :a} 17", "line 1, column 34: expected an event, a map"},
        {"{\"process\":0,\"type\":\"invoke\",\"f\":\"a\",}", "line 1, column 38: "},
        {"\n{\"process\":0,\"type\":\"invoke\",\"f\":\"a\"} x", "line 2, column 39: "},
        {"{\"process\":0,\"type\":\"invoke\"", "line 1, column "},
        {"[{\"process\":0,\"type\":\"invoke\",\"f\":\"a\"}, 5]", "expected an event, an object"},
        {"0\t:invoke\t:read\t[1\n", "line 1, column 19: the text ends where"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CHECK_HAS(read_text(cases[i][0]), cases[i][1]);
}

TEST(the_length_of_a_text_is_capped)
{
    struct imported got = {0};
    struct err err = {.text = ""};

    CHECK_INT(
        import_history((struct str){"{} ", (size_t)IMPORT_TEXT_MAX + 1}, IMPORT_ANY, &got, &err),
        ERR_FULL);
    CHECK_HAS(err.text, "longer than 1073741824 bytes");
}

TEST(a_format_can_be_forced)
{
    enum import_format f;

    CHECK(import_format_find("log", &f) && f == IMPORT_LOG && !import_format_find("xml", &f));
    CHECK_HAS(read_as("{:process 0 :type :invoke :f :a}", IMPORT_JSON), "line 1, column 2: ");
    CHECK_HAS(read_as("[main] 0 :invoke :a", IMPORT_EDN),
              "line 1, column 2: expected an event, a map");
}

TEST(a_byte_order_mark_is_passed_over)
{
    CHECK_HAS(read_text("\xef\xbb\xbf{:process 0 :type :invoke :f :a}"), "\"f\":\"a\"");
}

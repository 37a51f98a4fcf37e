#include "summary.h"

#include "../base/mem.h"
#include "../base/test.h"

static char *summary_of(const char *json, bool is_terminal, const char *folder)
{
    struct buf out = {0};
    json_t *results = json_loads(json, 0, NULL);

    CHECK(results != NULL);
    summary_text(
        &(struct summary_view){
            .results = results, .folder = folder, .has_pictures = true, .is_terminal = is_terminal},
        &out);
    json_decref(results);
    return buf_take(&out);
}

TEST(the_verdict_comes_first_with_its_reason)
{
    char *text = summary_of("{\"valid?\":true,\"sentence\":\"unused\"}", false, NULL);

    CHECK_TEXT(text, "valid\n\n");
    mem_free(text);
    text = summary_of("{\"valid?\":false,\"sentence\":\"3 values are lost\"}", false, NULL);
    CHECK_TEXT(text, "INVALID: 3 values are lost\n\n");
    mem_free(text);
    text = summary_of("{\"valid?\":\"unknown\",\"sentence\":\"too short\"}", true, NULL);
    CHECK_TEXT(text, "\x1b[1;33mUNKNOWN\x1b[0m: too short\n\n");
    mem_free(text);
}

TEST(a_whole_result_reads_as_a_block)
{
    char *text = summary_of(
        "{\"valid?\":false,\"sentence\":\"1 value was "
        "lost.\",\"stats\":{\"count\":1200,\"ok-count\":1190,"
        "\"fail-count\":4,\"info-count\":6,\"by-f\":{\"broadcast\":{\"count\":1000,\"ok-count\":"
        "990,"
        "\"fail-count\":4,\"info-count\":6},\"read\":{\"count\":200,\"ok-count\":200,\"fail-"
        "count\":0,"
        "\"info-count\":0}}},\"perf\":{\"latencies\":{\"broadcast\":{\"ok\":{\"count\":990,"
        "\"latencies\":"
        "{\"0.5\":0.35,\"1\":812.5}}}}},\"availability\":{\"valid?\":true,\"ok-fraction\":0.999999}"
        ","
        "\"net\":{\"all\":{\"msg-count\":25000},\"clients\":{\"msg-count\":2400},\"servers\":{"
        "\"msg-count\":22600,\"msgs-per-op\":18.83},\"dropped\":{\"partition\":1520}},\"workload\":"
        "{"
        "\"valid?\":false,\"attempt-count\":1000,\"stable-count\":999,\"lost-count\":1,\"stale-"
        "count\":0,"
        "\"stable-latencies\":{\"0.5\":120,\"0.95\":300,\"1\":1500}}}",
        false, "store/broadcast/latest");

    CHECK_TEXT(
        text,
        "INVALID: 1 value was lost.\n\n"
        "  operations        count       ok     fail     info     median    slowest\n"
        "    broadcast       1,000      990        4        6     350 µs   812.5 ms\n"
        "    read              200      200        0        0\n"
        "    all             1,200    1,190        4        6\n"
        "  availability  99.99 % of the operations were ok\n"
        "  messages      25,000, clients 2,400, servers 22,600 (18.8 for each operation), "
        "lost 1,520 (partition)\n"
        "  workload      1,000 attempted, 999 stable, 1 lost, stable after 120 ms (median), "
        "300 ms (95 %), 1.500 s (slowest)\n"
        "  files         store/broadcast/latest\n"
        "                results.json, history.jsonl, journal.jsonl.zst, node-logs/; to look at:\n"
        "                report.html, messages.svg, timeline.html, latency.svg, rate.svg\n");
    mem_free(text);
}

TEST(several_checkers_stand_under_their_names)
{
    char *text = summary_of(
        "{\"valid?\":true,\"workload\":{\"valid?\":true,\"set\":{\"valid?\":true,"
        "\"attempt-count\":5},\"txn\":{\"valid?\":true,\"anomaly-types\":[\"G0\",\"G1a\"]}}}",
        false, NULL);

    CHECK_TEXT(text, "valid\n\n  set           5 attempted\n  txn           anomalies: G0, G1a\n");
    mem_free(text);
}

TEST(programs_under_test_cannot_command_the_terminal)
{
    char *text = summary_of(
        "{\"valid?\":false,\"sentence\":\"a\\u001b[2Jb\\u009bc\\nd\",\"stats\":{\"by-f\":{"
        "\"x\\u0007\":{\"count\":1}}},\"workload\":{\"anomaly-types\":[\"\\u001b]0;t\"]}}",
        false, NULL);

    for (const char *at = text; *at != '\0'; at++)
        CHECK((unsigned char)*at >= 0x20 || *at == '\n');
    CHECK_HAS(text, "INVALID: a?[2Jb?c d\n");
    CHECK_HAS(text, "x?");
    mem_free(text);
}

TEST(odd_results_are_no_reason_to_fall)
{
    static const char *const odd[] = {
        "{}",
        "{\"valid?\":null,\"stats\":[],\"net\":1,\"workload\":[1],\"availability\":\"x\"}",
        "{\"valid?\":true,\"stats\":{\"by-f\":{\"a\":null,\"\":{}}},\"perf\":{\"latencies\":3}}",
        "{\"valid?\":true,\"workload\":{\"failures\":[null,{},1,2,3,4,5,6,7,8,9]}}",
    };

    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        char *text = summary_of(odd[i], false, "x");

        CHECK_HAS(text, "files");
        mem_free(text);
    }
}

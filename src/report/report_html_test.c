/* Goal: report.html is one well-formed page whatever the run did: texts stay texts, the data can be
 * read back, sizes have caps, and what is left out is counted. Method: write pages of runs from
 * none to hostile, cut the data blocks out of them and read those with jansson. How the page looks
 * and behaves is tested in a browser: tests/page/. */
#include "report_html.h"

#include "../base/test.h"
#include "example.h"
#include "page_bodies.h"
#include "page_data.h"
#include "page_text.h"
#include "page_window.h"

struct written {
    char *text;
    json_t *data;
    const char *bodies; /* within text */
};

/* The text between two marks, as a copy; NULL if they are not there. */
static char *between(const char *text, const char *begin, const char *end)
{
    const char *from = strstr(text, begin);
    const char *to = from == NULL ? NULL : strstr(from + strlen(begin), end);

    return to == NULL ? NULL
                      : mem_strndup(from + strlen(begin), (size_t)(to - from) - strlen(begin));
}

static void write_page(struct example *e, const struct report_run *runs, uint32_t count,
                       struct written *w)
{
    struct err err = {.text = ""};
    struct buf content = {0};
    char path[160];
    char *data;

    example_write_journal(e);
    snprintf(path, sizeof(path), "%s/report.html", e->folder);
    CHECK_INT(report_html_write(runs, count, path, &err), 0);
    CHECK_INT(file_read(path, PICTURE_BYTES_MAX, &content, &err), 0);
    w->text = buf_take(&content);
    data = between(w->text, "<script type=\"application/json\" class=\"run\">", "</script>");
    CHECK(data != NULL);
    w->data = json_loads(data, 0, NULL);
    CHECK(w->data != NULL);
    mem_free(data);
    w->bodies = strstr(w->text, "class=\"bodies\">") + strlen("class=\"bodies\">");
    /* One end for each of the page's own elements, and none that came from a run. */
    CHECK_INT(count_of(w->text, "</script"), 2 * count + 1);
    CHECK_INT(count_of(w->text, "{{"), 0);
}

static void write_one(struct example *e, struct written *w)
{
    struct report_run run = {.view = &e->view, .command = "eddy test -w echo"};

    write_page(e, &run, 1, w);
}

static void release(struct example *e, struct written *w)
{
    json_decref(w->data);
    mem_free(w->text);
    example_release(e);
}

static json_int_t number(const json_t *data, const char *list, const char *column, size_t at)
{
    return json_integer_value(
        json_array_get(json_object_get(json_object_get(data, list), column), at));
}

TEST(a_run_without_anything_is_a_page_too)
{
    struct example e;
    struct written w;

    example_init(&e);
    e.view.node_count = 0;
    write_one(&e, &w);
    CHECK_INT(json_array_size(json_object_get(w.data, "names")), 0);
    CHECK_INT(json_array_size(json_object_get(w.data, "records")), 0);
    CHECK(json_is_null(json_object_get(w.data, "window")));
    CHECK_INT(strncmp(w.bodies, "</script>", 9), 0);
    release(&e, &w);
}

/* Two messages, the second one lost, the first one arriving twice. */
TEST(events_stand_in_the_order_of_the_journal)
{
    struct example e;
    struct written w;

    example_init(&e);
    example_send(&e, 10, 7, "c4", "n1", "{\"type\":\"read\",\"msg_id\":1}");
    example_send(&e, 12, 9, "n1", "n2", "{\"type\":\"gossip\"}");
    example_recv(&e, 15, 7);
    example_drop(&e, 15, 9, "partition");
    example_line(&e, "{\"t\":16,\"e\":\"log\",\"node\":\"n2\",\"text\":\"hello\"}");
    example_recv(&e, 20, 7);
    example_op(&e, 3, "read", "null", 10, 5, OP_INFO);
    write_one(&e, &w);

    static const json_int_t of[] = {0, 0, 1, -2, 1}, dt[] = {10, 2, 3, 0, 5};
    for (size_t i = 0; i < 5; i++) {
        CHECK_INT(number(w.data, "events", "of", i), of[i]);
        CHECK_INT(number(w.data, "events", "dt", i), dt[i]);
    }
    CHECK_INT(number(w.data, "messages", "src", 0), 3); /* after the three nodes */
    CHECK_INT(number(w.data, "messages", "dest", 1), 2);
    CHECK_INT(json_integer_value(
                  json_array_get(json_array_get(json_object_get(w.data, "records"), 0), 0)),
              4);
    CHECK_INT(number(w.data, "ops", "outcome", 0), 2);
    CHECK_INT(number(w.data, "ops", "dt", 0), 5);
    CHECK(strstr(w.bodies, "{\"type\":\"read\",\"msg_id\":1}\n{\"type\":\"gossip\"}\n") ==
          w.bodies);
    release(&e, &w);
}

TEST(hostile_texts_stay_texts)
{
    struct example e;
    struct written w;
    json_t *results =
        json_pack("{s:b, s:s, s:{s:s}}", "valid?", 0, "sentence", "</p><script>alert(1)</script>",
                  "workload", "odd", "</script><!--<script>");
    struct report_run run = {.view = &e.view, .results = results, .command = "a & b </code>"};

    example_init(&e);
    e.view.title = "</title><script>";
    example_send(&e, 1, 1, "n0", "n1",
                 "{\"type\":\"</script><script>\",\r\t\"a\":\"<!--<script>\\u0000\\u202e\"}");
    example_line(&e, "{\"t\":2,\"e\":\"log\",\"node\":\"n0\",\"text\":\"</script>\\u001b[31m\"}");
    example_line(&e, "{\"t\":2,\"e\":\"fault\",\"kind\":\"</script>\",\"what\":\"start\","
                     "\"text\":\"<b>\"}");
    example_drop(&e, 3, 1, "</script>");
    example_op(&e, 0, "</script>", "\"</script>\"", 1, 1, OP_FAIL);
    write_page(&e, &run, 1, &w);
    CHECK_INT(count_of(w.text, "<!--"), 0);
    CHECK_INT(count_of(w.text, "alert(1)"), 2); /* as text in the page, and in the data */
    CHECK_INT(strncmp(strchr(w.bodies, '\n') + 1, "</script>", 9), 0); /* one line */
    CHECK_HAS(w.text, "&lt;/p&gt;&lt;script&gt;");
    CHECK_HAS(w.text, "a &amp; b &lt;/code&gt;");
    CHECK_INT(strcmp(json_string_value(json_array_get(json_object_get(w.data, "types"), 0)),
                     "</script><script>"),
              0);
    json_decref(results);
    release(&e, &w);
}

TEST(a_body_is_one_line_whatever_blanks_are_in_it)
{
    struct buf out = {0};

    page_add_json(&out, STR_LIT("{\r\n\t\"a\": \"<\\n>\"}"));
    CHECK(str_is(buf_str(&out), "{   \"a\": \"\\u003c\\n>\"}"));
    buf_release(&out);
}

TEST(texts_are_cut_between_characters)
{
    static const char text[] = "a\\u0041\\nä€😀z";
    struct str whole = STR_LIT(text);

    for (size_t max = 0; max <= whole.len; max++) {
        size_t len = page_cut(whole, max);

        CHECK(len <= max && max - len < 6);
        CHECK(len == 0 || len == 1 || len == 7 || len == 9 || len == 11 || len == 14 || len == 18 ||
              len == 19);
    }
}

/* Giants lose their tails before small bodies lose anything, and every cut is marked. */
TEST(bodies_keep_within_their_budget)
{
    struct page_bodies b;
    struct buf giant = {0}, out = {0};

    buf_add_char(&giant, '"');
    while (giant.len < 1 << 20)
        buf_add_char(&giant, '<'); /* the dearest character: six bytes */
    buf_add_char(&giant, '"');
    page_bodies_init(&b, 100000);
    for (int i = 0; i < 1000; i++)
        page_bodies_add(&b, i % 100 == 0 ? buf_str(&giant) : STR_LIT("{\"type\":\"small\"}"));
    page_bodies_write(&b, &out);
    CHECK(out.len <= 100000);
    CHECK_INT(count_of(out.data, "{\"type\":\"small\"}\n"), 990);
    CHECK_INT(count_of(out.data, "~1048577 \"\\u003c"), 10);
    CHECK_INT(count_of(out.data, "\n"), 1000);

    page_bodies_shrink(&b, 30000);
    buf_reset(&out);
    page_bodies_write(&b, &out);
    CHECK(out.len <= 30000);
    CHECK_INT(count_of(out.data, "\n"), 1000); /* a line for each, be it empty */

    page_bodies_drop(&b, 999);
    buf_reset(&out);
    page_bodies_write(&b, &out);
    CHECK_INT(count_of(out.data, "\n"), 1);
    buf_release(&giant);
    buf_release(&out);
    page_bodies_release(&b);
}

/* More messages than fit, with giants among them: the page keeps its size and says what is out. */
TEST(a_huge_run_is_bounded_and_counted)
{
    enum { EXTRA = 5000, COUNT = PAGE_MESSAGES_MAX + EXTRA };
    struct example e;
    struct written w;
    struct buf giant = {0};

    example_init(&e);
    buf_add_text(&giant, "{\"type\":\"giant\",\"x\":\"");
    for (size_t i = 0; i < 1 << 20; i++)
        buf_add_char(&giant, '<');
    buf_add_text(&giant, "\"}");
    for (uint64_t i = 0; i < COUNT; i++) {
        char body[200];

        snprintf(body, sizeof(body), "{\"type\":\"t%llu\",\"msg_id\":%llu,\"text\":\"%0120d\"}",
                 (unsigned long long)(i % 2000), (unsigned long long)i, 7);
        example_send(&e, (int64_t)i * 1000, i, "n0", "n1", i == 500 ? giant.data : body);
        example_recv(&e, (int64_t)i * 1000 + 1, i);
    }
    write_one(&e, &w);
    CHECK(strlen(w.text) <= PICTURE_BYTES_MAX);
    CHECK_INT(json_array_size(json_object_get(json_object_get(w.data, "messages"), "src")),
              PAGE_MESSAGES_MAX);
    CHECK_INT(json_integer_value(json_object_get(json_object_get(w.data, "messages"), "all")),
              COUNT);
    CHECK_INT(json_integer_value(
                  json_object_get(json_object_get(w.data, "journal_left_out"), "messages")),
              EXTRA);
    CHECK(json_array_size(json_object_get(w.data, "types")) <= PAGE_TYPES_MAX);
    CHECK_INT(count_of(w.bodies, "~10485"), 1); /* one giant, cut */
    buf_release(&giant);
    release(&e, &w);
}

/* Of a run that is too large, what led to the failure is kept, not the start. */
TEST(the_messages_around_the_window_are_kept)
{
    enum { COUNT = 3 * PAGE_MESSAGES_MAX };
    struct example e;
    struct written w;
    struct report_run run = {.view = &e.view, .from_ns = COUNT - 100, .to_ns = COUNT - 50};
    json_int_t first;

    example_init(&e);
    for (uint64_t i = 0; i < COUNT; i++) {
        example_send(&e, (int64_t)i, i, "n0", "n1", "{}");
        if (i >= 5)
            example_recv(&e, (int64_t)i, i - 5);
    }
    write_page(&e, &run, 1, &w);
    first = json_integer_value(json_object_get(json_object_get(w.data, "messages"), "first"));
    CHECK(first >= COUNT - PAGE_MESSAGES_MAX && first <= COUNT - PAGE_MESSAGES_MAX / 2);
    CHECK_INT(first + (json_int_t)json_array_size(
                          json_object_get(json_object_get(w.data, "messages"), "src")),
              COUNT);
    CHECK_INT(json_integer_value(
                  json_object_get(json_object_get(w.data, "journal_left_out"), "bad_lines")),
              0);
    release(&e, &w);
}

TEST(a_second_run_stands_beside_the_first)
{
    struct example e;
    struct written w;
    struct report_run runs[] = {{.view = &e.view, .label = "the shrunk run"},
                                {.view = &e.view, .label = "the whole run"}};

    example_init(&e);
    example_send(&e, 1, 1, "n0", "n1", "{\"type\":\"x\"}");
    write_page(&e, runs, 2, &w);
    CHECK_INT(strcmp(json_string_value(json_object_get(w.data, "label")), "the shrunk run"), 0);
    CHECK_HAS(w.text, "\"label\":\"the whole run\"");
    release(&e, &w);
}

static bool window_of(const char *results, int64_t *ret_from_ns, int64_t *ret_to_ns)
{
    json_t *parsed = json_loads(results, 0, NULL);
    bool found;

    CHECK(parsed != NULL);
    found = page_window(parsed, ret_from_ns, ret_to_ns);
    json_decref(parsed);
    return found;
}

TEST(the_window_spans_the_evidence)
{
    int64_t from_ns = -7, to_ns = -7;

    CHECK(!window_of("{\"valid?\":true,\"workload\":{\"time\":5}}", &from_ns, &to_ns));
    CHECK(!window_of("{\"valid?\":false,\"workload\":{\"lost\":[1,2]}}", &from_ns, &to_ns));
    CHECK_INT(from_ns, -7);
    CHECK(window_of("{\"valid?\":false,\"workload\":{\"valid?\":false,\"ops\":["
                    "{\"invoked\":50,\"completed\":90},{\"invoked\":40}],"
                    "\"worst-stale\":[{\"known\":{\"time\":1}}]}}",
                    &from_ns, &to_ns));
    CHECK_INT(from_ns, 40);
    CHECK_INT(to_ns, 90);
    CHECK(window_of("{\"valid?\":false,\"workload\":{\"valid?\":false,"
                    "\"good\":{\"valid?\":true,\"time\":1},\"bad\":{\"valid?\":false,\"time\":8}}}",
                    &from_ns, &to_ns));
    CHECK_INT(from_ns, 8);
    CHECK(window_of("{\"valid?\":false,\"workload\":{\"valid?\":false,\"error\":\"n0 ended\"},"
                    "\"run\":{\"end-ns\":77}}",
                    &from_ns, &to_ns));
    CHECK_INT(from_ns, 77);
    CHECK_INT(to_ns, 77);
}

#include "outcome.h"

#include "../base/str.h"
#include "../base/test.h"

#include <string.h>

static void tell(const char *text, struct buf *out)
{
    json_t *result = json_loads(text, 0, NULL);

    CHECK(result != NULL);
    buf_add_text(out, "");
    outcome_html(result, out);
    json_decref(result);
}

static const char failed[] =
    "{\"verdict\":\"failed\",\"task\":\"echo\",\"seed\":41,\"seeds\":5,\"runs\":3,\"messages\":"
    "12345,\"virtual-ns\":2500000000,"
    "\"node\":\"n1\",\"log\":[\"panic: <b>\",\"at 3\"],\"parts\":[{\"name\":\"\",\"steps\":["
    "{\"name\":\"It answers\",\"passed\":true,\"seeds-passed\":5},"
    "{\"name\":\"It \\\"waits\\\"\",\"passed\":false,\"seeds-passed\":2,\"failure\":{\"what\":\"n1 "
    "answers <script>\",\"expected\":\"one\",\"seen\":\"two\",\"at-ns\":1500000,\"messages\":[{"
    "\"from\":\"c1\",\"to\":\"n1\",\"sent-ns\":1000000,\"body\":{\"type\":\"<i>\"}},{\"from\":"
    "\"n1\","
    "\"to\":\"c1\",\"sent-ns\":1200000,\"dropped\":\"a cut\",\"body\":{}}],\"shortest\":{\"what\":"
    "\"shorter\"}}},{\"name\":\"It ends\",\"passed\":false,\"seeds-passed\":0}]}]}";

TEST(a_failure_comes_first_with_all_that_led_there)
{
    struct buf out = {0};

    tell(failed, &out);
    CHECK_HAS(out.data, "Why “It &quot;waits&quot;” failed");
    CHECK_HAS(out.data, "<dt>Expected</dt><dd>one</dd>");
    CHECK_HAS(out.data, "<td>1 ms</td><td>c1</td><td>n1</td>");
    CHECK_HAS(out.data, "lost: a cut");
    CHECK_HAS(out.data, "shorter");
    CHECK_HAS(out.data, "The end of what n1 wrote to stderr");
    CHECK_HAS(out.data, "12,345");
    CHECK(strstr(out.data, "id=\"why\"") < strstr(out.data, "id=\"steps\""));
    CHECK_HAS(out.data, "<li class=\"planned\"><span class=\"dot planned\"></span><span>It ends");
    CHECK_HAS(out.data, "2 of 5 seeds");
    CHECK_HAS(out.data, "<code>eddy learn check echo --seed 41 --seeds 1</code>");
    buf_release(&out);
}

TEST(what_a_program_printed_is_no_markup)
{
    struct buf out = {0};

    tell(failed, &out);
    CHECK(strstr(out.data, "<script>") == NULL && strstr(out.data, "<b>") == NULL &&
          strstr(out.data, "<i>") == NULL);
    CHECK_HAS(out.data, "panic: &lt;b&gt;");
    buf_release(&out);
}

TEST(what_does_not_build_shows_the_compilers_words)
{
    struct buf out = {0};

    tell("{\"build\":{\"built\":false,\"text\":\"main.go:3: <oops>\"},\"limit\":{\"node\":\"\","
         "\"name\":\"memory\",\"figure\":9,\"bound\":8}}",
         &out);
    CHECK_HAS(out.data, "<details class=\"fold\" open>");
    CHECK_HAS(out.data, "main.go:3: &lt;oops&gt;");
    CHECK_HAS(out.data, "The build was ended by a limit, memory: 9 where 8 are allowed.");
    CHECK(strstr(out.data, "id=\"why\"") == NULL && strstr(out.data, "id=\"steps\"") == NULL);
    buf_release(&out);
}

TEST(members_of_other_types_are_left_out)
{
    static const char *const odd[] = {
        "{}",
        "{\"parts\":3,\"log\":{},\"build\":[],\"limit\":1,\"seeds\":\"x\"}",
        "{\"parts\":[1,{\"steps\":2},{\"name\":4,\"steps\":[null,{\"name\":5,\"failure\":[]}]}]}",
        ("{\"parts\":[{\"steps\":[{\"failure\":{\"messages\":[1,{\"body\":null}],\"what\":[]}}]}],"
         "\"log\":[1,null]}"),
    };
    size_t i;

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct buf out = {0};
        tell(odd[i], &out);
        CHECK(strstr(out.data, "(null)") == NULL);
        buf_release(&out);
    }
}

TEST(a_failure_within_failures_ends_somewhere)
{
    struct buf text = {0}, out = {0};
    int i;

    buf_add_text(&text, "{\"parts\":[{\"steps\":[{\"failure\":");
    for (i = 0; i < 500; i++)
        buf_add_text(&text, "{\"what\":\"x\",\"shortest\":");
    buf_add_text(&text, "{}");
    for (i = 0; i < 500; i++)
        buf_add_text(&text, "}");
    buf_add_text(&text, "}]}]}");
    tell(text.data, &out);
    CHECK(out.len < 10000);
    buf_release(&text);
    buf_release(&out);
}

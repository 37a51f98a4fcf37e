#include "outcome.h"

#include "../base/str.h"
#include "../report/xml.h"
#include "html.h"

#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 400, MESSAGES_MAX = 200, DEPTH_MAX = 4 };

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

static int64_t number_of(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void add_duration(int64_t ns, struct buf *out)
{
    char text[DURATION_TEXT_MAX];

    html_addf(out, "%s", duration_text(ns, text));
}

/* ---- why it failed ---- */

static void add_body(const json_t *message, struct buf *out)
{
    const json_t *body = json_object_get(message, "body");
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);

    buf_add_text(out, "<code>");
    xml_cut(out, str_of(text != NULL ? text : ""), BODY_MAX);
    buf_add_text(out, "</code>");
    free(text);
    if (text_of(message, "dropped")[0] != '\0')
        html_addf(out, " <small class=\"soft\">lost: %s</small>", text_of(message, "dropped"));
}

static void add_messages(const json_t *messages, struct buf *out)
{
    size_t i;

    if (json_array_size(messages) == 0)
        return;
    buf_add_text(out, "<h3>The messages that led there</h3>\n<div class=\"table evidence\" "
                      "tabindex=\"0\" role=\"region\" aria-label=\"The messages that led there\">"
                      "\n<table class=\"data\">\n<thead><tr><th scope=\"col\">at</th>"
                      "<th scope=\"col\">from</th><th scope=\"col\">to</th>"
                      "<th scope=\"col\">message</th></tr></thead>\n<tbody>\n");
    for (i = 0; i < json_array_size(messages) && i < MESSAGES_MAX; i++) {
        const json_t *m = json_array_get(messages, i);
        buf_add_text(out, "<tr><td>");
        add_duration(number_of(m, "sent-ns"), out);
        html_addf(out, "</td><td>%s</td><td>%s</td><td>", text_of(m, "from"), text_of(m, "to"));
        add_body(m, out);
        buf_add_text(out, "</td></tr>\n");
    }
    buf_add_text(out, "</tbody>\n</table>\n</div>\n");
}

static void add_fact(const char *name, const char *text, struct buf *out)
{
    if (text[0] != '\0')
        html_addf(out, "<dt>%s</dt><dd>%s</dd>\n", name, text);
}

static void add_failure(const json_t *failure, int depth, struct buf *out)
{
    const json_t *shortest = json_object_get(failure, "shortest");

    buf_add_text(out, "<dl class=\"why-list\">\n");
    add_fact("What", text_of(failure, "what"), out);
    add_fact("Expected", text_of(failure, "expected"), out);
    add_fact("Seen", text_of(failure, "seen"), out);
    if (json_is_integer(json_object_get(failure, "at-ns"))) {
        buf_add_text(out, "<dt>At</dt><dd>");
        add_duration(number_of(failure, "at-ns"), out);
        buf_add_text(out, " of the run</dd>\n");
    }
    buf_add_text(out, "</dl>\n");
    add_messages(json_object_get(failure, "messages"), out);
    if (!json_is_object(shortest) || depth == DEPTH_MAX)
        return;
    buf_add_text(out, "<h3>Fewer operations fail, too</h3>\n");
    add_failure(shortest, depth + 1, out);
}

static const json_t *failed_step(const json_t *result)
{
    const json_t *parts = json_object_get(result, "parts"), *steps, *step;
    size_t i, k;

    for (i = 0; i < json_array_size(parts); i++) {
        steps = json_object_get(json_array_get(parts, i), "steps");
        for (k = 0; k < json_array_size(steps); k++) {
            step = json_array_get(steps, k);
            if (json_is_object(json_object_get(step, "failure")))
                return step;
        }
    }
    return NULL;
}

static void add_log(const json_t *result, struct buf *out)
{
    const json_t *log = json_object_get(result, "log");
    const char *node = text_of(result, "node");
    size_t i;

    if (json_array_size(log) == 0)
        return;
    html_addf(out,
              "<details class=\"fold\" open>\n<summary>The end of what %s wrote to stderr"
              "</summary>\n<pre tabindex=\"0\"><samp>",
              node[0] != '\0' ? node : "the node");
    for (i = 0; i < json_array_size(log); i++) {
        const char *line = json_string_value(json_array_get(log, i));
        html_addf(out, "%s\n", line != NULL ? line : "");
    }
    buf_add_text(out, "</samp></pre>\n</details>\n");
}

void outcome_limit(const json_t *limit, struct buf *out)
{
    const char *node = text_of(limit, "node");

    if (!json_is_object(limit))
        return;
    html_addf(out, "<p class=\"note warn\">%s was ended by a limit, %s: ",
              node[0] != '\0' ? node : "The build", text_of(limit, "name"));
    buf_add_i64(out, number_of(limit, "figure"));
    buf_add_text(out, " where ");
    buf_add_i64(out, number_of(limit, "bound"));
    buf_add_text(out, " are allowed.</p>\n");
}

/* ---- steps ---- */

static void add_step(const json_t *step, int64_t seeds, struct buf *out)
{
    bool passed = json_is_true(json_object_get(step, "passed"));
    bool failed = json_is_object(json_object_get(step, "failure"));
    const char *look = passed ? "passed" : failed ? "failed" : "planned";

    html_addf(out,
              "<li class=\"%s\"><span class=\"dot %s\"></span><span>%s<span "
              "class=\"visually-hidden\">: %s</span></span> <small>",
              look, look, text_of(step, "name"),
              passed   ? "passed"
              : failed ? "failed"
                       : "not reached");
    if (seeds > 1) {
        buf_add_i64(out, number_of(step, "seeds-passed"));
        buf_add_text(out, " of ");
        buf_add_i64(out, seeds);
        buf_add_text(out, " seeds");
    }
    buf_add_text(out, "</small></li>\n");
}

static void add_parts(const json_t *result, struct buf *out)
{
    const json_t *parts = json_object_get(result, "parts");
    size_t i, k;

    if (json_array_size(parts) == 0)
        return;
    buf_add_text(out, "<h2 id=\"steps\">Steps</h2>\n");
    for (i = 0; i < json_array_size(parts); i++) {
        const json_t *part = json_array_get(parts, i), *steps = json_object_get(part, "steps");
        if (text_of(part, "name")[0] != '\0')
            html_addf(out, "<h3>%s</h3>\n", text_of(part, "name"));
        buf_add_text(out, "<ol class=\"step-list\">\n");
        for (k = 0; k < json_array_size(steps); k++)
            add_step(json_array_get(steps, k), number_of(result, "seeds"), out);
        buf_add_text(out, "</ol>\n");
    }
}

/* ---- the build, and what it cost ---- */

static void add_build(const json_t *build, struct buf *out)
{
    bool built = json_is_true(json_object_get(build, "built"));

    if (text_of(build, "text")[0] == '\0')
        return;
    html_addf(out,
              "<details class=\"fold\"%s>\n<summary>What the build said</summary>\n"
              "<pre tabindex=\"0\"><samp>%s</samp></pre>\n</details>\n",
              built ? "" : " open", text_of(build, "text"));
}

static void add_count(const char *name, const json_t *result, const char *key, struct buf *out)
{
    char text[COUNT_TEXT_MAX];

    if (number_of(result, key) > 0)
        html_addf(out, "<div><dt>%s</dt><dd>%s</dd></div>\n", name,
                  count_text((uint64_t)number_of(result, key), text));
}

static void add_time(const char *name, int64_t ns, struct buf *out)
{
    if (ns <= 0)
        return;
    html_addf(out, "<div><dt>%s</dt><dd>", name);
    add_duration(ns, out);
    buf_add_text(out, "</dd></div>\n");
}

static void add_cost(const json_t *result, struct buf *out)
{
    buf_add_text(out, "<dl class=\"facts-list\">\n");
    add_count("Seeds", result, "seeds", out);
    add_count("Runs", result, "runs", out);
    add_count("Messages", result, "messages", out);
    add_time("Simulated", number_of(result, "virtual-ns"), out);
    add_time("It took", number_of(json_object_get(result, "cost"), "wall-ns"), out);
    if (text_of(result, "tools")[0] != '\0')
        html_addf(out, "<div><dt>Built with</dt><dd>%s</dd></div>\n", text_of(result, "tools"));
    buf_add_text(out, "</dl>\n");
}

/* The seed is that of the run that failed. */
static void add_again(const json_t *result, struct buf *out)
{
    const json_t *seed = json_object_get(result, "seed");
    const char *task = text_of(result, "task");

    if (!json_is_integer(seed) || task[0] == '\0')
        return;
    html_addf(out, "<p>The same run in a terminal: <code>eddy learn check %s --seed ", task);
    buf_addf(out, "%lld", (long long)json_integer_value(seed));
    buf_add_text(out, " --seeds 1</code></p>\n");
}

void outcome_html(const json_t *result, struct buf *out)
{
    const json_t *step = failed_step(result);

    outcome_limit(json_object_get(result, "limit"), out);
    add_cost(result, out);
    if (step != NULL) {
        html_addf(out, "<h2 id=\"why\">Why “%s” failed</h2>\n", text_of(step, "name"));
        add_failure(json_object_get(step, "failure"), 0, out);
        add_log(result, out);
        add_again(result, out);
    }
    add_build(json_object_get(result, "build"), out);
    add_parts(result, out);
}

/* What came of a run of the playground, by its address: verdict, figures, evidence, the run drawn,
 * how to have it at home, files. Whole without a script; one that is not over yet is followed by
 * the island "run", which loads the page again at the end. */
#include "pages.h"

#include "../base/err.h"
#include "../judge/play_table.h"
#include "html.h"
#include "outcome.h"
#include "request.h"
#include "response.h"
#include "run_json.h"
#include "site.h"
#include "url.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

/* ---- the head ---- */

static void add_head(const struct run_found *r, struct buf *out)
{
    const char *verdict = run_verdict(r), *word = verdict[0] != '\0' ? verdict : run_state(r);
    const char *look = strcmp(word, "not judged") == 0 ? "warn" : word;

    html_addf(out,
              "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/playground\">Playground"
              "</a> <span>Run</span></nav>\n<h1>A run of %s</h1>\n"
              "<p class=\"verdict\"><span class=\"badge %s\">%s</span> <span class=\"soft\">in %s"
              "</span></p>\n",
              text_of(r->asked, "workload"), look, word, text_of(r->asked, "language"));
    if (run_sentence(r)[0] != '\0')
        html_addf(out, "<p class=\"sentence\">%s</p>\n", run_sentence(r));
    else if (strcmp(verdict, "passed") == 0)
        buf_add_text(out, "<p class=\"sentence\">Everything that must hold held.</p>\n");
}

static void add_waiting(const struct run_found *r, struct buf *out)
{
    html_addf(out,
              "<div data-island=\"run\" data-props=\"{&quot;kind&quot;:&quot;runs&quot;,"
              "&quot;id&quot;:&quot;%s&quot;}\">\n<p class=\"note info\">",
              r->address);
    if (r->view.place > 0)
        html_addf(out, "It waits for a worker, at place %u of the queue. ", r->view.place);
    else
        buf_add_text(out, "It is going on. ");
    buf_add_text(out, "Load this page again to see what has become of it.</p>\n</div>\n");
}

/* ---- figures ---- */

static void add_number(const json_t *of, const char *key, struct buf *out)
{
    buf_add_text(out, "<td>");
    buf_add_i64(out, json_integer_value(json_object_get(of, key)));
    buf_add_text(out, "</td>");
}

/* A latency in ms; "-" where nothing came out ok. */
static void add_latency(const json_t *latencies, const char *quantile, struct buf *out)
{
    const json_t *ms =
        json_object_get(json_object_get(json_object_get(latencies, "ok"), "latencies"), quantile);
    char text[DURATION_TEXT_MAX] = "-";

    if (json_is_number(ms))
        duration_text(llround(json_number_value(ms) * 1e6), text);
    html_addf(out, "<td>%s</td>", text);
}

static void add_operations(const json_t *statistics, struct buf *out)
{
    json_t *by_f = json_object_get(json_object_get(statistics, "operations"), "by-f"), *tally;
    const json_t *latencies = json_object_get(statistics, "latencies");
    const char *name;

    if (json_object_size(by_f) == 0)
        return;
    buf_add_text(out, "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Operations"
                      "\">\n<table class=\"data\">\n<caption>Operations of clients</caption>\n"
                      "<thead><tr><th scope=\"col\">operation</th><th scope=\"col\">count</th>"
                      "<th scope=\"col\">ok</th><th scope=\"col\">failed</th>"
                      "<th scope=\"col\">unknown</th><th scope=\"col\">median</th>"
                      "<th scope=\"col\">slowest</th></tr></thead>\n<tbody>\n");
    json_object_foreach(by_f, name, tally)
    {
        const json_t *own = json_object_get(latencies, name);
        html_addf(out, "<tr><th scope=\"row\">%s</th>", name);
        add_number(tally, "count", out);
        add_number(tally, "ok-count", out);
        add_number(tally, "fail-count", out);
        add_number(tally, "info-count", out);
        add_latency(own, "0.5", out);
        add_latency(own, "1", out);
        buf_add_text(out, "</tr>\n");
    }
    buf_add_text(out, "</tbody>\n</table>\n</div>\n");
}

static void add_figures(const json_t *result, struct buf *out)
{
    const json_t *statistics = json_object_get(result, "statistics");
    const json_t *messages = json_object_get(statistics, "messages");
    const json_t *fraction =
        json_object_get(json_object_get(statistics, "availability"), "ok-fraction");
    const json_t *all = json_object_get(messages, "all");
    char text[DURATION_TEXT_MAX], share[32];

    if (!json_is_object(statistics))
        return;
    buf_add_text(out, "<h2 id=\"figures\">Figures</h2>\n");
    add_operations(statistics, out);
    buf_add_text(out, "<dl class=\"why-list\">\n");
    if (json_is_number(fraction)) {
        snprintf(share, sizeof(share), "%.4g",
                 json_number_value(fraction) < 1 ? fmin(json_number_value(fraction) * 100, 99.99)
                                                 : 100);
        html_addf(out, "<dt>Succeeded</dt><dd>%s %% of the operations</dd>\n", share);
    }
    buf_add_text(out, "<dt>Messages</dt><dd>");
    buf_add_i64(out, json_integer_value(json_object_get(all, "msg-count")));
    buf_add_text(out, ", ");
    buf_add_i64(out, json_integer_value(
                         json_object_get(json_object_get(messages, "servers"), "msg-count")));
    buf_add_text(out, " of them between nodes</dd>\n");
    html_addf(out, "<dt>Virtual time</dt><dd>%s</dd>\n</dl>\n",
              duration_text(json_integer_value(json_object_get(result, "end-ns")), text));
}

/* ---- why ---- */

static void add_lines(const char *title, const json_t *lines, struct buf *out)
{
    size_t i;

    if (json_array_size(lines) == 0)
        return;
    html_addf(out, "<h2>%s</h2>\n<pre tabindex=\"0\"><samp>", title);
    for (i = 0; i < json_array_size(lines); i++) {
        const char *line = json_string_value(json_array_get(lines, i));
        html_addf(out, "%s\n", line != NULL ? line : "");
    }
    buf_add_text(out, "</samp></pre>\n");
}

static void add_build(const json_t *result, struct buf *out)
{
    const char *text = text_of(json_object_get(result, "build"), "text");

    if (text[0] != '\0')
        html_addf(out,
                  "<h2 id=\"build\">What the compiler said</h2>\n<pre tabindex=\"0\"><samp>%s"
                  "</samp></pre>\n",
                  text);
}

static void add_report(const struct run_found *r, struct buf *out)
{
    if (r->has_report)
        html_addf(out,
                  "<h2 id=\"report\">The run, drawn</h2>\n<p class=\"no-print\"><a href=\""
                  "/api/v1/runs/%s/report\">In a window of its own</a></p>\n<iframe class=\"report"
                  "\" loading=\"lazy\" sandbox=\"allow-scripts\" title=\"The run as a space-time "
                  "diagram\" src=\"/api/v1/runs/%s/report\"></iframe>\n",
                  r->address, r->address);
}

/* ---- again ---- */

/* The playground with the same settings. */
static void add_again(const struct run_found *r, struct buf *out)
{
    const json_t *said = json_object_get(r->asked, "options");
    struct buf url = {0};
    int i;

    buf_addf(&url, "/playground?workload=%s&language=%s", text_of(r->asked, "workload"),
             text_of(r->asked, "language"));
    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        const char *value = text_of(said, play_options[i].name);
        if (value[0] == '\0')
            continue;
        buf_addf(&url, "&%s=", play_options[i].name);
        url_encode(str_of(value), &url);
    }
    html_addf(out,
              "<h2 id=\"again\">Again</h2>\n<p><a class=\"button small\" href=\"%s\">Open these "
              "settings in the playground</a></p>\n",
              url.data);
    buf_release(&url);
    if (text_of(r->result, "command")[0] != '\0')
        html_addf(out,
                  "<p>The very same run at home, where <code>./node</code> is this program, built "
                  "(eddy %s, %s):</p>\n<pre tabindex=\"0\"><code>%s</code></pre>\n",
                  text_of(r->result, "eddy"), text_of(r->result, "tools"),
                  text_of(r->result, "command"));
}

static void add_settings(const struct run_found *r, struct buf *out)
{
    const json_t *said = json_object_get(r->asked, "options");
    const char *workload = text_of(r->asked, "workload");
    int i;

    buf_add_text(out, "<details class=\"fold\">\n<summary>Settings</summary>\n"
                      "<dl class=\"why-list\">\n");
    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        const struct play_option *o = &play_options[i];
        const char *value = text_of(said, o->name);
        if (!play_option_is_for(o, workload))
            continue;
        if (value[0] == '\0')
            value = o->initial[0] != '\0' ? o->initial : "not set";
        html_addf(out, "<dt>%s</dt><dd>%s %s</dd>\n", o->label, value,
                  strcmp(value, "not set") != 0 ? o->unit : "");
    }
    buf_add_text(out, "</dl>\n</details>\n");
}

static void add_files(const struct run_found *r, struct buf *out)
{
    const json_t *files = json_object_get(r->asked, "files");
    size_t i;

    buf_add_text(out, "<h2 id=\"files\">Files</h2>\n");
    for (i = 0; i < json_array_size(files); i++)
        html_addf(out,
                  "<details class=\"fold\"%s>\n<summary><code>%s</code></summary>\n"
                  "<pre tabindex=\"0\"><code>%s</code></pre>\n</details>\n",
                  json_array_size(files) == 1 ? " open" : "",
                  text_of(json_array_get(files, i), "name"),
                  text_of(json_array_get(files, i), "text"));
}

/* ---- the page ---- */

static void show(const struct site *s, const struct request *q, const struct run_found *r,
                 struct buf *out)
{
    struct layout l = {.title = "A run", .here = "/playground", .look = "result", .who = q->person};

    layout_begin(s, &l, out);
    add_head(r, out);
    if (!run_is_over(r))
        add_waiting(r, out);
    outcome_limit(json_object_get(r->result, "limit"), out);
    add_lines("Evidence", json_object_get(r->result, "evidence"), out);
    add_build(r->result, out);
    add_report(r, out);
    add_figures(r->result, out);
    add_lines("Notes", json_object_get(r->result, "notes"), out);
    add_again(r, out);
    add_settings(r, out);
    add_files(r, out);
    layout_end(out);
}

int page_run(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct run_found found;
    int status = run_find(s, q->words[0], &found, err);

    if (status == 0)
        page_error(s, 404, "There is no run at this address; look whether all of it was copied.",
                   r);
    if (status != 1)
        return status;
    show(s, q, &found, response_html(r, 200));
    run_release(&found);
    return 0;
}

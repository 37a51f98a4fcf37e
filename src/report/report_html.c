/* The page is a skeleton (page/page.html) with a few {{holes}} that are filled here: texts, the
 * style sheet, a block of data and one of bodies for each run, and the script, which is the files
 * of page/ one after another.
 *
 * What a reader must see even if the script does not run (title, verdict, sentence, command) is
 * plain text in the page. The rest is data. Its size is held by handing the bodies of messages what
 * everything else has left of PICTURE_BYTES_MAX; everything else has caps of its own
 * (page_data.h). */
#include "report_html.h"

#include "../base/assert.h"
#include "../base/embedded.h"
#include "../base/err.h"
#include "../base/file.h"
#include "page_data.h"
#include "pictures.h"
#include "xml.h"

#include <string.h>

enum { SENTENCE_BYTES_MAX = 4000, COMMAND_BYTES_MAX = 8000, TITLE_BYTES_MAX = 200 };

/* In the order in which they are run. */
static const char *const scripts[] = {
    "src/report/page/data.js",   "src/report/page/causes.js",  "src/report/page/view.js",
    "src/report/page/draw.js",   "src/report/page/plots.js",   "src/report/page/details.js",
    "src/report/page/panels.js", "src/report/page/control.js",
};

struct page {
    const struct report_run *runs;
    uint32_t run_count;
    struct page_data data[REPORT_RUNS_MAX];
    struct buf out;
};

static struct str part(const char *path)
{
    const struct embedded *e = embedded_find(path);

    ASSERT(e != NULL); /* the Makefile embeds all of page/ */
    return (struct str){e->text, e->len};
}

static void fill_title(struct page *p)
{
    xml_cut(&p->out, str_of(p->runs[0].view->title), TITLE_BYTES_MAX);
}

static const char *verdict_word(const json_t *results)
{
    const json_t *valid = json_object_get(results, "valid?");

    return json_is_true(valid) ? "valid" : json_is_false(valid) ? "invalid" : "unknown";
}

static void fill_verdict(struct page *p)
{
    buf_add_text(&p->out, verdict_word(p->runs[0].results));
}

static void fill_sentence(struct page *p)
{
    const char *sentence = json_string_value(json_object_get(p->runs[0].results, "sentence"));

    if (sentence == NULL && strcmp(verdict_word(p->runs[0].results), "valid") == 0)
        sentence = "Every check of this run was passed.";
    xml_cut(&p->out, str_of(sentence == NULL ? "" : sentence), SENTENCE_BYTES_MAX);
}

static void fill_command(struct page *p)
{
    const char *command = p->runs[0].command;

    xml_cut(&p->out, str_of(command == NULL ? "" : command), COMMAND_BYTES_MAX);
}

static void fill_style(struct page *p)
{
    buf_add_str(&p->out, part("src/report/page/page.css"));
}

static void fill_script(struct page *p)
{
    buf_add_text(&p->out, "'use strict';\n");
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        buf_add_str(&p->out, part(scripts[i]));
}

static void fill_data(struct page *p)
{
    for (uint32_t i = 0; i < p->run_count; i++) {
        buf_add_text(&p->out, "<script type=\"application/json\" class=\"run\">");
        buf_add_str(&p->out, buf_str(&p->data[i].json));
        buf_add_text(&p->out, "</script>\n<script type=\"text/plain\" class=\"bodies\">");
        page_bodies_write(&p->data[i].bodies, &p->out);
        buf_add_text(&p->out, "</script>\n");
    }
}

static const struct {
    const char *name;
    void (*fill)(struct page *p);
} holes[] = {
    {"{{title}}", fill_title},     {"{{verdict}}", fill_verdict}, {"{{sentence}}", fill_sentence},
    {"{{command}}", fill_command}, {"{{style}}", fill_style},     {"{{data}}", fill_data},
    {"{{script}}", fill_script},
};

static void fill(struct page *p, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
        if (strlen(holes[i].name) == len && strncmp(holes[i].name, name, len) == 0) {
            holes[i].fill(p);
            return;
        }
    }
    ASSERT(!"a hole of page.html is unknown");
}

static void fill_page(struct page *p)
{
    const char *at = part("src/report/page/page.html").data;
    const char *hole;

    while ((hole = strstr(at, "{{")) != NULL) {
        size_t len = (size_t)(strstr(hole, "}}") + 2 - hole);

        buf_add(&p->out, at, (size_t)(hole - at));
        fill(p, hole, len);
        at = hole + len;
    }
    buf_add_text(&p->out, at);
}

/* Hands what is left of the page to the bodies, in equal shares. */
static void share_out(struct page *p)
{
    size_t taken = COMMAND_BYTES_MAX * 16; /* for texts in the page, as entities */
    size_t left;

    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        taken += part(scripts[i]).len;
    taken += part("src/report/page/page.html").len + part("src/report/page/page.css").len;
    for (uint32_t i = 0; i < p->run_count; i++)
        taken += p->data[i].json.len;
    left = taken < PICTURE_BYTES_MAX ? PICTURE_BYTES_MAX - taken : 0;
    for (uint32_t i = 0; i < p->run_count; i++)
        page_bodies_shrink(&p->data[i].bodies, left / p->run_count);
}

int report_html_write(const struct report_run *runs, uint32_t run_count, const char *path,
                      struct err *err)
{
    struct page p = {.runs = runs, .run_count = run_count};
    int status = 0;

    ASSERT(run_count >= 1 && run_count <= REPORT_RUNS_MAX);
    for (uint32_t i = 0; i < run_count && status == 0; i++)
        status = page_data_read(&runs[i], run_count, &p.data[i], err);
    if (status == 0) {
        share_out(&p);
        fill_page(&p);
        status = file_write(path, buf_str(&p.out), err);
    }
    for (uint32_t i = 0; i < run_count; i++)
        page_data_release(&p.data[i]);
    buf_release(&p.out);
    return status;
}

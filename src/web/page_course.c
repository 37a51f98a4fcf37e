/* A track and a task. Both are a page of Markdown whose sections are known (course/page_check.h):
 * here they get their frame, a list of contents, and where one can go from here. */
#include "pages.h"

#include "../base/err.h"
#include "../course/language.h"
#include "../course/page.h"
#include "../course/track.h"
#include "../report/xml.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <stdlib.h>
#include <string.h>

/* ---- sections ---- */

static void add_anchor(const char *title, struct buf *out)
{
    struct buf anchor = {0};

    buf_add_text(&anchor, "");
    page_anchor(title, &anchor);
    xml_text(out, buf_str(&anchor));
    buf_release(&anchor);
}

static void add_contents(const struct page *p, struct buf *out)
{
    uint32_t i;

    buf_add_text(out, "<nav class=\"contents\" aria-label=\"On this page\">\n"
                      "<h2>On this page</h2>\n<ul>\n");
    for (i = 0; i < p->part_count; i++) {
        if (p->parts[i].level != 2)
            continue;
        buf_add_text(out, "<li><a href=\"#");
        add_anchor(p->parts[i].title, out);
        html_addf(out, "\">%s</a></li>\n", p->parts[i].title);
    }
    buf_add_text(out, "</ul>\n</nav>\n");
}

static void begin_section(const char *title, struct buf *out)
{
    buf_add_text(out, "<section class=\"");
    add_anchor(title, out);
    buf_add_text(out, "\">\n<h2 id=\"");
    add_anchor(title, out);
    html_addf(out, "\">%s</h2>\n", title);
}

/* Each behind its own door, so that one reads no more than one wanted. */
static void add_hints(const struct site *s, const struct track *t, const struct page *p,
                      struct buf *out)
{
    struct str hint;
    uint32_t n;

    buf_add_text(out, "<p>Open one at a time; the last one says nearly everything.</p>\n");
    for (n = 1; (hint = page_hint(p, n)).data != NULL; n++) {
        html_addf(out, "<details class=\"hint\">\n<summary>Hint %u</summary>\n", n);
        site_markdown(s, t, hint, false, out);
        buf_add_text(out, "</details>\n");
    }
}

static void add_sections(const struct site *s, const struct track *t, const struct page *p,
                         struct buf *out)
{
    uint32_t i;

    for (i = 0; i < p->part_count; i++) {
        const struct page_part *part = &p->parts[i];
        if (part->level != 2)
            continue;
        begin_section(part->title, out);
        if (strcmp(part->title, "Hints") == 0)
            add_hints(s, t, p, out);
        else
            site_markdown(s, t, page_body(p, part), false, out);
        buf_add_text(out, "</section>\n");
    }
}

/* ---- a track ---- */

static void add_state(const struct site_progress *p, const struct track *t, const struct task *task,
                      struct buf *out)
{
    if (site_progress_passed(p, t->slug, task->slug))
        buf_add_text(out, " <span class=\"badge passed\">passed</span>");
    else if (site_progress_begun(p, t->slug, task->slug))
        buf_add_text(out, " <span class=\"badge\">begun</span>");
}

static void add_tasks(const struct site_track *st, const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;
    uint32_t i;

    buf_add_text(out, "<section class=\"task-list\">\n<h2>Tasks</h2>\n<ol class=\"tasks\">\n");
    for (i = 0; i < t->task_count; i++) {
        const struct task *task = &t->tasks[i];
        const struct page_field *concepts = page_field(st->tasks[i], "concepts");
        html_addf(out, "<li><span class=\"number\">%u</span> <a href=\"/tracks/%s/%s\">%s</a> ",
                  task->number, t->slug, task->slug, task->title);
        layout_level(task->level, out);
        add_state(p, t, task, out);
        if (concepts != NULL)
            html_addf(out, "<span class=\"concepts\">%s</span>", concepts->value);
        buf_add_text(out, "</li>\n");
    }
    buf_add_text(out, "</ol>\n");
    if (t->planned_count > t->task_count)
        html_addf(out, "<p class=\"planned-note\">%u more are planned.</p>\n",
                  t->planned_count - t->task_count);
    buf_add_text(out, "</section>\n");
}

/* The text before the first section; the list of tasks in it is shown in our own way. */
static void add_intro(const struct site *s, const struct site_track *st, struct buf *out)
{
    const struct page_part *part = &st->page->parts[0];
    bool lists = part->table_head != NULL && strncmp(part->table_head, "task", 4) == 0;

    site_markdown(s, st->track,
                  (struct str){st->page->text.data + part->body, part->end - part->body}, lists,
                  out);
}

static void show_track(const struct site *s, const struct site_track *st,
                       const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;
    struct layout l = {t->title, "", ""};

    layout_begin(s, &l, out);
    html_addf(out,
              "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/\">Tracks</a> "
              "<span>%s</span></nav>\n<div class=\"reading\">\n",
              t->category);
    add_contents(st->page, out);
    html_addf(out, "<article>\n<h1>%s</h1>\n<p class=\"lead\">%s</p>\n", t->title, t->summary);
    add_intro(s, st, out);
    add_tasks(st, p, out);
    add_sections(s, t, st->page, out);
    buf_add_text(out, "</article>\n</div>\n");
    layout_end(out);
}

static void show_planned(const struct site *s, const struct track *t, struct buf *out)
{
    struct layout l = {t->title, "", ""};

    layout_begin(s, &l, out);
    html_addf(out,
              "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/\">Tracks</a> "
              "<span>%s</span></nav>\n<h1>%s</h1>\n"
              "<p class=\"lead\"><span class=\"badge\">planned</span> This track of %u tasks is "
              "planned and not written yet. There is nothing to read or to do here so far.</p>\n",
              t->category, t->title, t->planned_count);
    layout_end(out);
}

int page_track(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    struct site_progress *p = NULL;
    int status;

    if (st == NULL) {
        page_error(s, 404, "There is no track of this name.", r);
        return 0;
    }
    status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    if (st->page != NULL)
        show_track(s, st, p, response_html(r, 200));
    else
        show_planned(s, st->track, response_html(r, 200));
    site_progress_free(p);
    return 0;
}

/* ---- a task ---- */

/* What the island must know; the rest it asks the API for. */
static void add_props(const struct site *s, const struct track *t, const struct task *task,
                      struct buf *out)
{
    json_t *languages = json_array();
    json_t *props;
    char *text;
    uint32_t i;

    for (i = 0; i < s->languages->count; i++) {
        const struct language *l = &s->languages->list[i];
        json_array_append_new(languages,
                              json_pack("{s:s, s:s}", "name", l->name, "title", l->title));
    }
    props = json_pack("{s:s, s:s, s:i, s:o}", "track", t->slug, "task", task->slug, "number",
                      (int)task->number, "languages", languages);
    text = json_dumps(props, JSON_COMPACT);
    html_addf(out, " data-props=\"%s\"", text != NULL ? text : "{}");
    free(text);
    json_decref(props);
}

/* Where one writes; without a script it says where else that can be done. */
static void add_editor(const struct site *s, const struct track *t, const struct task *task,
                       struct buf *out)
{
    if (!layout_editor(s, out))
        return;
    buf_add_text(out, "<section class=\"bench\" id=\"program\" aria-label=\"Your program\" "
                      "data-island=\"editor\"");
    add_props(s, t, task, out);
    buf_add_text(out,
                 ">\n<p class=\"opening\">The editor needs JavaScript. Without it, the task can "
                 "be done in a terminal, as said at its beginning.</p>\n</section>\n");
}

static void add_how(const struct track *t, const struct task *task, struct buf *out)
{
    html_addf(out,
              "<details class=\"how\">\n<summary>Do it in a terminal</summary>\n"
              "<p>Once for the track, in the language of your choice:</p>\n"
              "<pre tabindex=\"0\"><code>build/eddy learn start %s --lang python %s\ncd %s"
              "</code></pre>\n<p>Then write, and have it judged as often as you like:</p>\n"
              "<pre tabindex=\"0\"><code>../build/eddy learn check %s</code></pre>\n</details>\n",
              t->slug, t->slug, t->slug, task->slug);
}

static void add_neighbours(const struct track *t, uint32_t at, struct buf *out)
{
    buf_add_text(out, "<nav class=\"neighbours\" aria-label=\"Other tasks\">\n");
    if (at > 0)
        html_addf(out, "<a rel=\"prev\" href=\"/tracks/%s/%s\"><small>Before</small>%s</a>\n",
                  t->slug, t->tasks[at - 1].slug, t->tasks[at - 1].title);
    if (at + 1 < t->task_count)
        html_addf(out,
                  "<a rel=\"next\" class=\"next\" href=\"/tracks/%s/%s\"><small>Next</small>%s"
                  "</a>\n",
                  t->slug, t->tasks[at + 1].slug, t->tasks[at + 1].title);
    buf_add_text(out, "</nav>\n");
}

static void show_task(const struct site *s, const struct track *t, const struct task *task,
                      const struct page *page, const struct site_progress *p, struct buf *out)
{
    const struct page_field *concepts = page_field(page, "concepts");
    struct layout l = {task->title, "", ""};

    layout_begin(s, &l, out);
    html_addf(out,
              "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/\">Tracks</a> "
              "<a href=\"/tracks/%s\">%s</a> <span>Task %u</span></nav>\n"
              "<div class=\"reading with-bench\">\n",
              t->slug, t->title, task->number);
    add_contents(page, out);
    html_addf(out, "<article>\n<h1>%s</h1>\n<p class=\"facts\">", task->title);
    layout_level(task->level, out);
    add_state(p, t, task, out);
    if (concepts != NULL)
        html_addf(out, " <span class=\"concepts\">%s</span>", concepts->value);
    buf_add_text(out, "</p>\n");
    add_how(t, task, out);
    add_sections(s, t, page, out);
    add_neighbours(t, (uint32_t)(task - t->tasks), out);
    buf_add_text(out, "</article>\n");
    add_editor(s, t, task, out);
    buf_add_text(out, "</div>\n");
    layout_end(out);
}

int page_task(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    const struct page *page = NULL;
    const struct task *task = st != NULL ? site_task(st, q->words[1], &page) : NULL;
    struct site_progress *p = NULL;
    int status;

    if (task == NULL) {
        page_error(s, 404,
                   st == NULL ? "There is no track of this name."
                              : "This track has no task of this name.",
                   r);
        return 0;
    }
    status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    show_task(s, st->track, task, page, p, response_html(r, 200));
    site_progress_free(p);
    return 0;
}

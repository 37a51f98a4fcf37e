/* A track: what it is about, its tasks and how far one is, and what its page says
 * (course/page_check.h knows the sections). */
#include "pages.h"

#include "../base/err.h"
#include "../course/page.h"
#include "../course/track.h"
#include "advance.h"
#include "html.h"
#include "needs.h"
#include "request.h"
#include "response.h"
#include "sections.h"
#include "site.h"

#include <string.h>

/* ---- the head ---- */

static void add_needs(const struct site *s, const struct site_track *st, struct buf *out)
{
    if (st->need_count == 0)
        return;
    buf_add_text(out, "<div><dt>Builds on</dt><dd>");
    needs_links(s, st, out);
    buf_add_text(out, "</dd></div>\n");
}

static void add_facts(const struct site *s, const struct site_track *st,
                      const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;

    html_addf(out, "<dl class=\"facts-list\">\n<div><dt>Track</dt><dd>%u</dd></div>\n", t->number);
    add_needs(s, st, out);
    if (t->task_count > 0) {
        buf_add_text(out, "<div><dt>Tasks</dt><dd>");
        layout_bar(advance_passed(p, t), t->task_count, out);
        buf_add_text(out, "</dd></div>\n");
    }
    buf_add_text(out, "</dl>\n");
}

static void add_next(const struct track *t, const struct site_progress *p, struct buf *out)
{
    const struct task *task = advance_in_track(p, t);

    if (task == NULL)
        return;
    html_addf(out,
              "<p class=\"cluster go\"><a class=\"button primary\" href=\"/tracks/%s/%s\">%s</a> "
              "<span class=\"soft\">Task %u: %s</span></p>\n",
              t->slug, task->slug, advance_begun(p, t) > 0 ? "Go on" : "Begin", task->number,
              task->title);
}

static void begin(const struct site *s, const struct person *who, const struct track *t,
                  struct buf *out)
{
    struct layout l = {.title = t->title, .look = "track-page", .who = who};

    layout_begin(s, &l, out);
    html_addf(out,
              "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/\">Tracks</a> "
              "<span>%s</span></nav>\n",
              t->category);
}

/* ---- tasks ---- */

static void add_task(const struct track *t, const struct task *task, const struct page *page,
                     const struct site_progress *p, struct buf *out)
{
    const struct page_field *concepts = page_field(page, "concepts");
    const char *state = layout_state(p, t, task);

    html_addf(out,
              "<li class=\"%s\"><span class=\"number\">%u</span> <div><a href=\"/tracks/%s/%s\">"
              "%s</a> ",
              state, task->number, t->slug, task->slug, task->title);
    if (strcmp(state, "open") != 0)
        html_addf(out, "<span class=\"badge %s\">%s</span>", state, state);
    if (concepts != NULL)
        html_addf(out, "<span class=\"concepts\">%s</span>", concepts->value);
    buf_add_text(out, "</div> ");
    layout_level(task->level, out);
    buf_add_text(out, "</li>\n");
}

/* count tasks from the one at first on. */
static void add_list(const struct site_track *st, uint32_t first, uint32_t count,
                     const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;
    uint32_t i;

    buf_add_text(out, "<ol class=\"tasks\">\n");
    for (i = first; i < first + count; i++)
        add_task(t, &t->tasks[i], st->tasks[i], p, out);
    buf_add_text(out, "</ol>\n");
}

static void add_part(const struct site_track *st, uint32_t at, const struct site_progress *p,
                     struct buf *out)
{
    const struct track_part *part = &st->track->parts[at];

    html_addf(out, "<div class=\"part-head\"><h3 id=\"part-%u\">%s</h3> ", at + 1, part->title);
    layout_bar(advance_part_passed(p, st->track, part), part->count, out);
    buf_add_text(out, "</div>\n");
    add_list(st, part->first, part->count, p, out);
}

static void add_tasks(const struct site_track *st, const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;
    uint32_t i;

    buf_add_text(out, "<section class=\"task-list\">\n<h2 id=\"tasks\">Tasks</h2>\n");
    for (i = 0; i < t->part_count; i++)
        add_part(st, i, p, out);
    if (t->part_count == 0)
        add_list(st, 0, t->task_count, p, out);
    if (t->planned_count > t->task_count)
        html_addf(out, "<p class=\"soft\">%u more are planned.</p>\n",
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

/* ---- the page ---- */

static void show_track(const struct site *s, const struct person *who, const struct site_track *st,
                       const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;
    uint32_t i;

    begin(s, who, t, out);
    html_addf(out, "<div class=\"reading\">\n<article>\n<h1>%s</h1>\n<p class=\"lead\">%s</p>\n",
              t->title, t->summary);
    add_facts(s, st, p, out);
    add_next(t, p, out);
    sections_contents(st->page, "tasks", "Tasks", out);
    add_intro(s, st, out);
    add_tasks(st, p, out);
    for (i = 0; i < st->page->part_count; i++)
        if (st->page->parts[i].level == 2)
            sections_add(s, t, st->page, &st->page->parts[i], out);
    buf_add_text(out, "</article>\n</div>\n");
    layout_end(out);
}

static void show_planned(const struct site *s, const struct person *who,
                         const struct site_track *st, const struct site_progress *p,
                         struct buf *out)
{
    const struct track *t = st->track;

    begin(s, who, t, out);
    html_addf(out,
              "<h1>%s</h1>\n<p class=\"lead\"><span class=\"badge planned\">planned</span> This "
              "track of %u tasks is planned and not written yet. There is nothing to read or to "
              "do here so far.</p>\n",
              t->title, t->planned_count);
    add_facts(s, st, p, out);
    buf_add_text(out, "<p><a href=\"/#map\">The map of the tracks</a> shows what can be done "
                      "today.</p>\n");
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
        show_track(s, q->person, st, p, response_html(r, 200));
    else
        show_planned(s, q->person, st, p, response_html(r, 200));
    site_progress_free(p);
    return 0;
}

/* A task, in three parts: what is asked for, the workbench, and what helps (hints, theory,
 * reading). On a wide screen the workbench stands beside both; else between them. Without scripts
 * it says how the same is done in a terminal, and the island "editor" takes its place. */
#include "pages.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../course/language.h"
#include "../course/page.h"
#include "../course/track.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "sections.h"
#include "site.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_head(const struct track *t, const struct task *task, const struct page *page,
                     const struct site_progress *p, struct buf *out)
{
    const struct page_field *concepts = page_field(page, "concepts");
    const char *state = layout_state(p, t, task);

    html_addf(out,
              "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/\">Tracks</a> "
              "<a href=\"/tracks/%s\">%s</a> <span>Task %u</span></nav>\n<h1>%s</h1>\n"
              "<p class=\"facts\">",
              t->slug, t->title, task->number, task->title);
    layout_level(task->level, out);
    if (strcmp(state, "open") != 0)
        html_addf(out, " <span class=\"badge %s\">%s</span>", state, state);
    if (concepts != NULL)
        html_addf(out, " <span class=\"concepts\">%s</span>", concepts->value);
    buf_add_text(out, "</p>\n");
}

/* For those who would rather use their own editor, and for those without scripts. */
static void add_how(const struct track *t, const struct task *task, struct buf *out)
{
    html_addf(out,
              "<details class=\"fold how\">\n<summary>In a terminal, with your own editor"
              "</summary>\n<p>Once for the track, in the language of your choice:</p>\n"
              "<pre tabindex=\"0\"><code>build/eddy learn start %s --lang python %s\ncd %s"
              "</code></pre>\n<p>Then write, and have it judged as often as you like:</p>\n"
              "<pre tabindex=\"0\"><code>../build/eddy learn check %s</code></pre>\n</details>\n",
              t->slug, t->slug, t->slug, task->slug);
}

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

/* Drafts and submissions are somebody's, so whoever has not signed in is asked to. */
static void add_bench(const struct site *s, const struct person *who, const struct track *t,
                      const struct task *task, struct buf *out)
{
    if (who == NULL) {
        html_addf(out,
                  "<p class=\"note\" id=\"program\">To write your program here and have it judged, "
                  "please <a href=\"/sign-in?next=/tracks/%s/%s\">sign in</a>.</p>\n",
                  t->slug, task->slug);
        return;
    }
    if (!layout_editor(s, out))
        return;
    buf_add_text(out, "<section class=\"bench\" id=\"program\" aria-label=\"Your program\" "
                      "data-island=\"editor\"");
    add_props(s, t, task, out);
    buf_add_text(out,
                 ">\n<p class=\"opening\">The editor needs JavaScript. Without it, the task can "
                 "be done in a terminal, as said at its beginning.</p>\n</section>\n");
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
    else
        html_addf(out, "<a class=\"next\" href=\"/tracks/%s\"><small>The last task</small>%s</a>\n",
                  t->slug, t->title);
    buf_add_text(out, "</nav>\n");
}

static bool helps(const struct page_part *part)
{
    return strcmp(part->title, "Hints") == 0 || strcmp(part->title, "Theory") == 0 ||
           strcmp(part->title, "Further reading") == 0;
}

/* The sections that help, or the others. */
static void add_sections(const struct site *s, const struct track *t, const struct page *page,
                         bool helping, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < page->part_count; i++)
        if (page->parts[i].level == 2 && helps(&page->parts[i]) == helping)
            sections_add(s, t, page, &page->parts[i], out);
}

static void show_task(const struct site *s, const struct person *who, const struct track *t,
                      const struct task *task, const struct page *page,
                      const struct site_progress *p, struct buf *out)
{
    struct layout l = {.title = task->title, .look = "task-page", .who = who};

    layout_begin(s, &l, out);
    buf_add_text(out, "<article class=\"statement\">\n");
    add_head(t, task, page, p, out);
    sections_contents(page, NULL, NULL, out);
    add_how(t, task, out);
    add_sections(s, t, page, false, out);
    buf_add_text(out, "</article>\n");
    add_bench(s, who, t, task, out);
    buf_add_text(out, "<article class=\"help\" aria-label=\"Help\">\n");
    add_sections(s, t, page, true, out);
    add_neighbours(t, (uint32_t)(task - t->tasks), out);
    buf_add_text(out, "</article>\n");
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
    show_task(s, q->person, st->track, task, page, p, response_html(r, 200));
    site_progress_free(p);
    return 0;
}

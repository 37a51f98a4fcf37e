#include "api.h"

#include "../base/err.h"
#include "../course/language.h"
#include "../course/page.h"
#include "../course/track.h"
#include "advance.h"
#include "days.h"
#include "request.h"
#include "response.h"
#include "search.h"
#include "site.h"
#include "starter.h"

#include <string.h>

static json_t *text(const char *t)
{
    json_t *value = json_string(t);

    return value != NULL ? value : json_string(""); /* not UTF-8 */
}

static json_t *text_of(struct str t)
{
    json_t *value = json_stringn(t.data != NULL ? t.data : "", t.len);

    return value != NULL ? value : json_string("");
}

static int no_track(struct response *r)
{
    response_problem(r, 404, "There is no track of this name; GET /api/v1/tracks lists them.");
    return 0;
}

static int no_task(struct response *r)
{
    response_problem(r, 404,
                     "This track has no task of this name; GET /api/v1/tracks/SLUG lists "
                     "them.");
    return 0;
}

/* ---- tracks ---- */

static json_t *task_json(const struct track *t, const struct task *task,
                         const struct site_progress *p)
{
    bool passed = site_progress_passed(p, t->slug, task->slug);
    bool begun = site_progress_begun(p, t->slug, task->slug);

    return json_pack("{s:i, s:o, s:o, s:i, s:s, s:b}", "number", (int)task->number, "slug",
                     text(task->slug), "title", text(task->title), "level", (int)task->level,
                     "state",
                     passed  ? "passed"
                     : begun ? "begun"
                             : "open",
                     "passed", passed);
}

static json_t *needs_json(const struct site *s, const struct site_track *st)
{
    json_t *needs = json_array();
    uint32_t i;

    for (i = 0; i < st->need_count; i++)
        json_array_append_new(needs, text(s->course->tracks[st->needs[i]].slug));
    return needs;
}

static json_t *part_json(const struct track *t, const struct track_part *part,
                         const struct site_progress *p)
{
    json_t *tasks = json_array();
    uint32_t i;

    for (i = part->first; i < part->first + part->count; i++)
        json_array_append_new(tasks, text(t->tasks[i].slug));
    return json_pack("{s:o, s:o, s:i}", "title", text(part->title), "tasks", tasks, "passed",
                     (int)advance_part_passed(p, t, part));
}

static json_t *track_json(const struct site *s, const struct site_track *st,
                          const struct site_progress *p)
{
    const struct track *t = st->track;
    json_t *tasks = json_array(), *parts = json_array();
    uint32_t i;

    for (i = 0; i < t->task_count; i++)
        json_array_append_new(tasks, task_json(t, &t->tasks[i], p));
    for (i = 0; i < t->part_count; i++)
        json_array_append_new(parts, part_json(t, &t->parts[i], p));
    return json_pack("{s:i, s:o, s:o, s:o, s:o, s:s, s:i, s:o, s:o, s:o}", "number", (int)t->number,
                     "slug", text(t->slug), "title", text(t->title), "category", text(t->category),
                     "summary", text(t->summary), "state", t->dir != NULL ? "written" : "planned",
                     "planned", (int)t->planned_count, "needs", needs_json(s, st), "tasks", tasks,
                     "parts", parts);
}

int api_tracks(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct site_progress *p = NULL;
    int status = site_progress(s, q->person, &p, err);
    json_t *tracks, *capstones;
    uint32_t i;

    if (status < 0)
        return status;
    tracks = json_array();
    capstones = json_array();
    for (i = 0; i < s->course->track_count; i++)
        json_array_append_new(track_is_capstone(s->tracks[i].track) ? capstones : tracks,
                              track_json(s, &s->tracks[i], p));
    response_json(r, json_pack("{s:o, s:o}", "tracks", tracks, "capstones", capstones));
    site_progress_free(p);
    return 0;
}

static json_t *section_html(const struct site *s, const struct track *t, const struct page *page,
                            const struct page_part *part)
{
    struct buf out = {0};
    json_t *html;

    if (part != NULL)
        site_markdown(s, t, page_body(page, part), false, &out);
    html = text_of(buf_str(&out));
    buf_release(&out);
    return html;
}

/* All sections of a track in their order, for tracks of other authors may have their own. */
static json_t *sections_json(const struct site *s, const struct site_track *st)
{
    json_t *sections = json_array();
    uint32_t i;

    for (i = 0; st->page != NULL && i < st->page->part_count; i++) {
        const struct page_part *part = &st->page->parts[i];
        if (part->level == 2)
            json_array_append_new(sections,
                                  json_pack("{s:o, s:o}", "title", text(part->title), "html",
                                            section_html(s, st->track, st->page, part)));
    }
    return sections;
}

int api_track(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    struct site_progress *p = NULL;
    json_t *track;
    int status;

    if (st == NULL)
        return no_track(r);
    status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    track = track_json(s, st, p);
    json_object_set_new(track, "sections", sections_json(s, st));
    response_json(r, track);
    site_progress_free(p);
    return 0;
}

/* ---- a task ---- */

static const struct {
    const char *name, *title;
} task_sections[] = {
    {"build", "What you build"},        {"why", "Why it matters"}, {"protocol", "Protocol"},
    {"grader", "What the grader does"}, {"theory", "Theory"},      {"reading", "Further reading"},
};

static json_t *task_html(const struct site *s, const struct track *t, const struct page *page)
{
    json_t *html = json_object();
    size_t i;

    for (i = 0; i < sizeof(task_sections) / sizeof(task_sections[0]); i++)
        json_object_set_new(html, task_sections[i].name,
                            section_html(s, t, page, page_part(page, 2, task_sections[i].title)));
    return html;
}

static uint32_t count_hints(const struct page *page)
{
    uint32_t n = 0;

    while (page_hint(page, n + 1).data != NULL)
        n++;
    return n;
}

static json_t *language_names(const struct languages *l)
{
    json_t *names = json_array();
    uint32_t i;

    for (i = 0; i < l->count; i++)
        json_array_append_new(names, text(l->list[i].name));
    return names;
}

int api_task(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    const struct page *page = NULL;
    const struct task *task = st != NULL ? site_task(st, q->words[1], &page) : NULL;
    const struct page_field *concepts;
    struct site_progress *p = NULL;
    json_t *value;
    int status;

    if (task == NULL)
        return st == NULL ? no_track(r) : no_task(r);
    status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    concepts = page_field(page, "concepts");
    value = task_json(st->track, task, p);
    json_object_set_new(value, "concepts", text(concepts != NULL ? concepts->value : ""));
    json_object_set_new(value, "html", task_html(s, st->track, page));
    json_object_set_new(value, "hints", json_integer(count_hints(page)));
    json_object_set_new(value, "languages", language_names(s->languages));
    response_json(r, value);
    site_progress_free(p);
    return 0;
}

int api_hint(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    const struct page *page = NULL;
    struct buf html = {0};
    struct str hint;
    int64_t n = 0;

    (void)err;
    if (st == NULL || site_task(st, q->words[1], &page) == NULL)
        return st == NULL ? no_track(r) : no_task(r);
    if (!str_to_i64(q->words[2], &n) || n < 1 || n > (int64_t)count_hints(page)) {
        response_problem(r, 404, "Hints are numbered from 1; the task says how many there are.");
        return 0;
    }
    hint = page_hint(page, (uint32_t)n);
    site_markdown(s, st->track, hint, false, &html);
    response_json(r, json_pack("{s:I, s:i, s:o}", "number", (json_int_t)n, "count",
                               (int)count_hints(page), "html", text_of(buf_str(&html))));
    buf_release(&html);
    return 0;
}

/* ---- languages ---- */

int api_languages(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    json_t *list = json_array();
    uint32_t i;

    (void)q, (void)err;
    for (i = 0; i < s->languages->count; i++) {
        const struct language *l = &s->languages->list[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:o, s:o}", "name", text(l->name),
                                              "title", text(l->title), "extension",
                                              text(l->extension), "main", text(l->main)));
    }
    response_json(r, json_pack("{s:o}", "languages", list));
    return 0;
}

int api_starter(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_track *st = site_track(s, q->words[0]);
    const struct language *language = NULL;
    const struct page *page = NULL;
    json_t *starter = NULL;
    int status;

    if (st == NULL || site_task(st, q->words[1], &page) == NULL)
        return st == NULL ? no_track(r) : no_task(r);
    if (languages_find(s->languages, request_value(q, "language"), &language, err) < 0) {
        response_problem(r, 400, err->text);
        return 0;
    }
    status = starter_json(s, language, NULL, &starter, err);
    if (status == 0)
        response_json(r, starter);
    return status;
}

/* ---- progress, search ---- */

static json_t *progress_json(const struct track *t, const struct site_progress *p)
{
    json_t *passed = json_array(), *begun = json_array();
    uint32_t i;

    for (i = 0; i < t->task_count; i++) {
        const char *slug = t->tasks[i].slug;
        if (site_progress_passed(p, t->slug, slug))
            json_array_append_new(passed, text(slug));
        else if (site_progress_begun(p, t->slug, slug))
            json_array_append_new(begun, text(slug));
    }
    return json_pack("{s:o, s:i, s:o, s:o}", "slug", text(t->slug), "tasks", (int)t->task_count,
                     "passed", passed, "begun", begun);
}

static json_t *days_json(const struct days *d)
{
    json_t *days = json_array();
    char day[DAY_TEXT_MAX];
    uint32_t i;

    for (i = 0; i < d->count; i++)
        json_array_append_new(
            days, json_pack("{s:s, s:i, s:i}", "day", days_text(d->list[i].day, day), "attempts",
                            (int)d->list[i].attempts, "passed", (int)d->list[i].passed));
    return days;
}

int api_progress(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct site_progress *p = NULL;
    struct days days;
    int status = days_read(s, q->person, &days, err);
    json_t *tracks;
    uint32_t i;

    if (status == 0)
        status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    tracks = json_array();
    for (i = 0; i < s->course->track_count; i++)
        json_array_append_new(tracks, progress_json(&s->course->tracks[i], p));
    response_json(r, json_pack("{s:o, s:o}", "tracks", tracks, "days", days_json(&days)));
    site_progress_free(p);
    return 0;
}

int api_search_index(const struct site *s, const struct request *q, struct response *r,
                     struct err *err)
{
    json_t *entries = json_array();
    uint32_t i;

    (void)q, (void)err;
    for (i = 0; i < search_count(s->search); i++) {
        const struct search_entry *e = search_entry(s->search, i);
        json_array_append_new(entries, json_pack("{s:o, s:o, s:o, s:o}", "place", text(e->place),
                                                 "title", text(e->title), "heading",
                                                 text(e->heading), "url", text(e->url)));
    }
    response_json(r, json_pack("{s:o}", "entries", entries));
    return 0;
}

/* What somebody has begun and passed: all in all, by day, by track. */
#include "pages.h"

#include "../base/err.h"
#include "../course/track.h"
#include "advance.h"
#include "days.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"

/* Nothing if nothing was begun in this track. */
static void add_track_progress(const struct track *t, const struct site_progress *p,
                               struct buf *out)
{
    uint32_t i, begun = 0, passed = 0;

    for (i = 0; i < t->task_count; i++) {
        begun += site_progress_begun(p, t->slug, t->tasks[i].slug);
        passed += site_progress_passed(p, t->slug, t->tasks[i].slug);
    }
    if (begun == 0)
        return;
    html_addf(out,
              "<section class=\"track-progress\">\n<h3><a href=\"/tracks/%s\">%s</a></h3>\n<p>",
              t->slug, t->title);
    layout_bar(passed, t->task_count, out);
    buf_add_text(out, "</p>\n<ol class=\"steps\">\n");
    for (i = 0; i < t->task_count; i++) {
        const struct task *task = &t->tasks[i];
        bool is_passed = site_progress_passed(p, t->slug, task->slug);
        bool is_begun = site_progress_begun(p, t->slug, task->slug);
        html_addf(out, "<li class=\"%s\"><a href=\"/tracks/%s/%s\">%s</a> <span>%s</span></li>\n",
                  is_passed  ? "passed"
                  : is_begun ? "begun"
                             : "open",
                  t->slug, task->slug, task->title,
                  is_passed  ? "passed"
                  : is_begun ? "begun"
                             : "");
    }
    buf_add_text(out, "</ol>\n</section>\n");
}

static void add_sum(const struct site *s, const struct site_progress *p, struct buf *out)
{
    const struct track *track = NULL;
    const struct task *task = advance_next(s, p, &track);

    buf_add_text(out, "<p class=\"lead\">");
    layout_bar(advance_all_passed(s, p), advance_all_tasks(s), out);
    buf_add_text(out, "</p>\n");
    if (task != NULL)
        html_addf(out,
                  "<p class=\"cluster go\"><a class=\"button primary\" href=\"/tracks/%s/%s\">Go on"
                  "</a> <span class=\"soft\">%s: %s</span></p>\n",
                  track->slug, task->slug, track->slug, task->title);
}

static void show(const struct site *s, const struct person *who, const struct site_progress *p,
                 const struct days *days, struct buf *out)
{
    struct layout l = {.title = "Progress", .here = "/progress", .who = who};
    struct buf tracks = {0};
    uint32_t i;

    for (i = 0; i < s->course->track_count; i++)
        add_track_progress(&s->course->tracks[i], p, &tracks);
    layout_begin(s, &l, out);
    buf_add_text(out, "<div data-island=\"progress\">\n<h1>Progress</h1>\n");
    if (tracks.len == 0) {
        buf_add_text(out,
                     "<div class=\"empty\">\n<p>Nothing is begun so far. What you pass, here or "
                     "in a terminal, in whatever language, will stand here.</p>\n<p><a "
                     "class=\"button\" href=\"/#tracks\">Choose a track</a></p>\n</div>\n");
    } else {
        add_sum(s, p, out);
        days_html(days, out);
        buf_add_text(out, "<h2 id=\"by-track\">By track</h2>\n");
        buf_add_str(out, buf_str(&tracks));
    }
    buf_add_text(out, "</div>\n");
    layout_end(out);
    buf_release(&tracks);
}

int page_progress(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    struct site_progress *p = NULL;
    struct days days;
    int status = days_read(s, q->person, &days, err);

    if (status == 0)
        status = site_progress(s, q->person, &p, err);
    if (status < 0)
        return status;
    show(s, q->person, p, &days, response_html(r, 200));
    site_progress_free(p);
    return 0;
}

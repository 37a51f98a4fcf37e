/* What this is, how one goes on, the map of the tracks, and the tracks by category; those that are
 * only planned say so and lead nowhere. The list says all that the map shows. */
#include "pages.h"

#include "../base/err.h"
#include "../course/language.h"
#include "../course/track.h"
#include "advance.h"
#include "chart.h"
#include "html.h"
#include "needs.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>

/* ---- what this is, and how to go on ---- */

static void add_next(const struct site *s, const struct site_progress *p, struct buf *out)
{
    uint32_t passed = advance_all_passed(s, p), count = advance_all_tasks(s);
    const struct track *track = NULL;
    const struct task *task = advance_next(s, p, &track);

    if (count == 0)
        return;
    buf_add_text(out, "<div class=\"ahead\">\n");
    if (task != NULL)
        html_addf(out,
                  "<p><a class=\"button primary\" href=\"/tracks/%s/%s\">%s</a></p>\n"
                  "<p class=\"next-task\">%s<br><span class=\"soft\">Task %u of %s</span></p>\n",
                  track->slug, task->slug,
                  passed > 0 || advance_begun(p, track) > 0 ? "Go on" : "Begin with the first task",
                  task->title, task->number, track->title);
    else
        buf_add_text(out, "<p>You have passed every task that is written so far.</p>\n");
    if (passed > 0) {
        buf_add_text(out, "<p class=\"next-bar\">");
        layout_bar(passed, count, out);
        buf_add_text(out, " <a href=\"/progress\">Your progress</a></p>\n");
    }
    buf_add_text(out, "</div>\n");
}

static void add_languages(const struct languages *l, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < l->count; i++)
        html_addf(out, "%s%s", i == 0 ? "" : i + 1 == l->count ? " or " : ", ", l->list[i].title);
}

static void add_ways(const struct site *s, struct buf *out)
{
    const char *slug = "SLUG";
    uint32_t i;

    for (i = s->course->track_count; i-- > 0;)
        if (s->course->tracks[i].dir != NULL)
            slug = s->course->tracks[i].slug;
    buf_add_text(out,
                 "<ol class=\"ways\">\n<li><h2>Read</h2>\n<p>A task is a page: what you build, "
                 "which messages go back and forth, and what happened to people who got it "
                 "wrong.</p></li>\n<li><h2>Write</h2>\n<p>Your program in ");
    add_languages(s->languages, out);
    html_addf(out,
              ". Here, or in your own editor:</p>\n<pre tabindex=\"0\" aria-label=\"The same in a "
              "terminal\"><code>build/eddy learn start %s --lang python %s\ncd %s\n"
              "../build/eddy learn check</code></pre></li>\n",
              slug, slug, slug);
    buf_add_text(out, "<li><h2>See why</h2>\n<p>It runs as many nodes at once while links are cut, "
                      "disks fail and clocks lie. What breaks is shown as a picture of the "
                      "messages, and the same seed breaks it again.</p></li>\n</ol>\n");
}

/* ---- the tracks ---- */

static void add_needs(const struct site *s, const struct site_track *st, struct buf *out)
{
    if (st->need_count == 0)
        return;
    buf_add_text(out, "<p class=\"needs\">Builds on ");
    needs_links(s, st, out);
    buf_add_text(out, "</p>\n");
}

static void add_written(const struct site *s, const struct site_track *st,
                        const struct site_progress *p, struct buf *out)
{
    const struct track *t = st->track;

    html_addf(out,
              "<li class=\"track\">\n<span class=\"number\">%u</span>\n<div>\n<h4>"
              "<a href=\"/tracks/%s\">%s</a></h4>\n<p>%s</p>\n",
              t->number, t->slug, t->title, t->summary);
    add_needs(s, st, out);
    buf_add_text(out, "</div>\n<p class=\"facts\">");
    layout_bar(advance_passed(p, t), t->task_count, out);
    if (t->planned_count > t->task_count)
        html_addf(out, " <span>%u more planned</span>", t->planned_count - t->task_count);
    buf_add_text(out, "</p>\n</li>\n");
}

static void add_planned(const struct site *s, const struct site_track *st, struct buf *out)
{
    const struct track *t = st->track;

    html_addf(out,
              "<li class=\"track planned\">\n<span class=\"number\">%u</span>\n<div>\n<h4>%s"
              "</h4>\n",
              t->number, t->title);
    add_needs(s, st, out);
    html_addf(out,
              "</div>\n<p class=\"facts\"><span class=\"badge planned\">planned</span> %u tasks"
              "</p>\n</li>\n",
              t->planned_count);
}

static void add_tracks(const struct site *s, const struct site_progress *p, struct buf *out)
{
    const char *category = NULL;
    uint32_t i;

    for (i = 0; i < s->course->track_count; i++) {
        const struct track *t = &s->course->tracks[i];
        if (category == NULL || strcmp(t->category, category) != 0) {
            buf_add_text(out, category != NULL ? "</ol>\n</section>\n" : "");
            html_addf(out, "<section class=\"category\">\n<h3>%s</h3>\n<ol class=\"tracks\">\n",
                      t->category[0] != '\0' ? t->category : "Others");
            category = t->category;
        }
        if (t->dir != NULL)
            add_written(s, &s->tracks[i], p, out);
        else
            add_planned(s, &s->tracks[i], out);
    }
    buf_add_text(out, category != NULL ? "</ol>\n</section>\n" : "");
}

static void add_chart(const struct site *s, const struct site_progress *p, struct buf *out)
{
    struct chart *c = chart_new(s);
    uint32_t i, written = 0, count = 0;

    for (i = 0; i < s->course->track_count; i++) {
        if (track_is_capstone(&s->course->tracks[i]))
            continue;
        written += s->course->tracks[i].dir != NULL;
        count++;
    }
    html_addf(out,
              "<h2 id=\"map\">What builds on what</h2>\n<p class=\"chart-words\">%u of %u tracks "
              "can be done today; the others are planned. Each stands to the right of those that "
              "it builds on; <a href=\"#tracks\">the same as a list</a> follows.</p>\n"
              "<div class=\"chart-frame\" data-island=\"map\" tabindex=\"0\" role=\"region\" "
              "aria-label=\"Map of the tracks\">\n",
              written, count);
    chart_draw(c, s, p, out);
    buf_add_text(out,
                 "</div>\n<p class=\"legend\" aria-hidden=\"true\"><span><span class=\"key "
                 "written\"></span> written</span> <span><span class=\"key complete\"></span> "
                 "passed</span> <span><span class=\"key planned\"></span> planned</span></p>\n");
    chart_free(c);
}

int page_home(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout l = {
        .title = "Build distributed systems", .here = "/", .look = "home", .who = q->person};
    struct site_progress *p = NULL;
    int status = site_progress(s, q->person, &p, err);
    struct buf *out;

    if (status < 0)
        return status;
    out = response_html(r, 200);
    layout_begin(s, &l, out);
    buf_add_text(
        out, "<div class=\"hero\">\n<div>\n<h1>Build distributed systems, and see why they break"
             "</h1>\n<p class=\"lead\">Your program runs as a cluster of real processes in a "
             "simulated world that delays, loses, cuts and crashes. The verdict comes with its "
             "reason.</p>\n</div>\n");
    add_next(s, p, out);
    buf_add_text(out, "</div>\n");
    add_ways(s, out);
    add_chart(s, p, out);
    buf_add_text(out, "<h2 id=\"tracks\">The tracks</h2>\n");
    add_tracks(s, p, out);
    layout_end(out);
    site_progress_free(p);
    return 0;
}

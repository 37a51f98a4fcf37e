/* The tracks by category, and how far one is; those that are only planned say so and lead nowhere.
 */
#include "pages.h"

#include "../base/err.h"
#include "../course/language.h"
#include "../course/track.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>

static uint32_t count_passed(const struct site_progress *p, const struct track *t)
{
    uint32_t i, count = 0;

    for (i = 0; i < t->task_count; i++)
        count += site_progress_passed(p, t->slug, t->tasks[i].slug);
    return count;
}

static void add_written(const struct track *t, const struct site_progress *p, struct buf *out)
{
    html_addf(out,
              "<li class=\"track\">\n<h3><span class=\"number\">%u</span> "
              "<a href=\"/tracks/%s\">%s</a></h3>\n<p>%s</p>\n<p class=\"facts\">",
              t->number, t->slug, t->title, t->summary);
    layout_bar(count_passed(p, t), t->task_count, out);
    if (t->planned_count > t->task_count)
        html_addf(out, " <span class=\"planned-note\">%u more planned</span>",
                  t->planned_count - t->task_count);
    buf_add_text(out, "</p>\n</li>\n");
}

static void add_planned(const struct track *t, struct buf *out)
{
    html_addf(out,
              "<li class=\"track planned\">\n<h3><span class=\"number\">%u</span> %s</h3>\n"
              "<p class=\"facts\"><span class=\"badge\">planned</span> %u tasks</p>\n</li>\n",
              t->number, t->title, t->planned_count);
}

static void add_tracks(const struct course *c, const struct site_progress *p, struct buf *out)
{
    const char *category = NULL;
    uint32_t i;

    for (i = 0; i < c->track_count; i++) {
        const struct track *t = &c->tracks[i];
        if (category == NULL || strcmp(t->category, category) != 0) {
            buf_add_text(out, category != NULL ? "</ol>\n</section>\n" : "");
            html_addf(out, "<section class=\"category\">\n<h2>%s</h2>\n<ol class=\"tracks\">\n",
                      t->category[0] != '\0' ? t->category : "Others");
            category = t->category;
        }
        if (t->dir != NULL)
            add_written(t, p, out);
        else
            add_planned(t, out);
    }
    buf_add_text(out, category != NULL ? "</ol>\n</section>\n" : "");
}

static void add_beginning(const struct course *c, const struct languages *l, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < c->track_count && c->tracks[i].dir == NULL; i++)
        ;
    if (i == c->track_count)
        return;
    html_addf(out,
              "<aside class=\"begin\">\n<h2>Begin</h2>\n"
              "<p>Read a task here, write it in your own editor, and have it judged in a "
              "terminal:</p>\n<pre tabindex=\"0\"><code>build/eddy learn start %s --lang python "
              "%s\ncd %s\n../build/eddy learn check</code></pre>\n",
              c->tracks[i].slug, c->tracks[i].slug, c->tracks[i].slug);
    buf_add_text(out, "<p>Languages:");
    for (i = 0; i < l->count; i++)
        html_addf(out, "%s %s", i > 0 ? "," : "", l->list[i].name);
    buf_add_text(out, ".</p>\n</aside>\n");
}

int page_home(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout l = {"Tracks", "/", ""};
    struct site_progress *p = NULL;
    int status = site_progress(s, q->person, &p, err);
    struct buf *out;

    (void)q;
    if (status < 0)
        return status;
    out = response_html(r, 200);
    layout_begin(s, &l, out);
    buf_add_text(
        out, "<div class=\"hero\">\n<h1>Build distributed systems, and see why they break</h1>\n"
             "<p class=\"lead\">Your program runs as a cluster of real processes in a simulated "
             "world that delays, loses, cuts and crashes. The verdict comes with its reason, "
             "and the same seed gives the same run again.</p>\n</div>\n");
    add_beginning(s->course, s->languages, out);
    add_tracks(s->course, p, out);
    layout_end(out);
    site_progress_free(p);
    return 0;
}

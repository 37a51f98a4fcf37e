#include "teaching.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../course/track.h"
#include "html.h"
#include "pages.h"
#include "request.h"
#include "response.h"
#include "site.h"

int teaching_class(const struct site *s, const struct request *q, struct str word,
                   struct class_view *ret_class, struct response *r, struct err *err)
{
    int64_t id = 0;
    int status = 0;

    if (s->accounts != NULL && q->person != NULL && str_to_i64(word, &id))
        status = class_find(s->accounts, id, q->person->id, ret_class, err);
    if (status < 0)
        return status;
    if (status == 1 && (ret_class->part == CLASS_TEACHER || q->person->role == ROLE_ADMIN))
        return 1;
    page_error(s, 404, "You teach no class at this address.", r);
    return 0;
}

void teaching_trail(const struct class_view *c, const char *here, struct buf *out)
{
    buf_add_text(out, "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/teach\">Classes"
                      "</a>");
    if (here != NULL)
        html_addf(out, "<a href=\"/teach/classes/%d\">%s</a><span aria-current=\"page\">%s</span>",
                  (int)c->id, c->title, here);
    else
        html_addf(out, "<span aria-current=\"page\">%s</span>", c->title);
    buf_add_text(out, "</nav>\n");
}

void teaching_person(int64_t class_id, const struct class_member *m, struct buf *out)
{
    html_addf(out, "<a href=\"/teach/classes/%d/people/%d\">%s</a>", (int)class_id, (int)m->person,
              m->full_name[0] != '\0' ? m->full_name : m->name);
    if (m->full_name[0] != '\0')
        html_addf(out, " <span class=\"soft small\">%s</span>", m->name);
}

void teaching_task(const struct site *s, const char *track, const char *task, struct buf *out)
{
    const struct site_track *t = site_track(s, str_of(track));
    const struct page *page = NULL;
    const struct task *found = t != NULL ? site_task(t, str_of(task), &page) : NULL;

    if (found == NULL)
        html_addf(out, "%s/%s", track, task);
    else
        html_addf(out, "<a href=\"/tracks/%s/%s\">%s</a> <span class=\"soft small\">%s</span>",
                  track, task, found->title, t->track->title);
}

void teaching_grade(const struct grade *g, struct buf *out)
{
    if (g->passed)
        buf_add_text(out, "<span class=\"badge passed\">passed</span>");
    else if (g->late)
        buf_add_text(out, "<span class=\"badge warn\">passed, not counted</span>");
    else if (g->attempts > 0)
        buf_add_text(out, "<span class=\"badge failed\">failed</span>");
    else
        buf_add_text(out, "<span class=\"soft\">open</span>");
    if (g->attempts > 1)
        html_addf(out, " <span class=\"soft small\">%u attempts</span>", g->attempts);
}

void teaching_due(int64_t due_ms, struct buf *out)
{
    if (due_ms == 0) {
        buf_add_text(out, "no deadline");
        return;
    }
    buf_add_text(out, "until ");
    layout_time(due_ms, out);
}

/* An assignment: for teachers the grid of learners and tasks, for a learner his own row of it. */
#include "pages.h"

#include "../accounts/assignments.h"
#include "../accounts/person.h"
#include "../base/err.h"
#include "form.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "teaching.h"

#include <stdio.h>

struct grid {
    const struct site *site;
    const struct class_view *class;
    const struct assignment *assignment;
    const struct request *request;
    struct buf *out;
    struct err *err;
    int status; /* of the first thing that went wrong */
};

static void add_row(void *owner, const struct grade_row *row)
{
    const struct grid *g = owner;
    uint32_t i;

    buf_add_text(g->out, "<tr><th scope=\"row\">");
    teaching_person(g->class->id, &row->member, g->out);
    html_addf(g->out, "</th><td class=\"number\">%u of %u</td>", row->passed,
              g->assignment->task_count);
    for (i = 0; i < g->assignment->task_count; i++) {
        buf_add_text(g->out, "<td>");
        if (row->grades[i].handin != 0)
            html_addf(g->out, "<a href=\"/submissions/%d\">", (int)row->grades[i].handin);
        teaching_grade(&row->grades[i], g->out);
        buf_add_text(g->out, row->grades[i].handin != 0 ? "</a></td>" : "</td>");
    }
    buf_add_text(g->out, "</tr>\n");
}

static void add_head(const struct grid *g)
{
    uint32_t i;

    buf_add_text(g->out,
                 "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"Learners "
                 "and tasks\"><table class=\"data\"><thead><tr><th>Learner</th><th "
                 "class=\"number\">Passed</th>");
    for (i = 0; i < g->assignment->task_count; i++) {
        buf_add_text(g->out, "<th>");
        teaching_task(g->site, g->assignment->tasks[i].track, g->assignment->tasks[i].task, g->out);
        buf_add_text(g->out, "</th>");
    }
    buf_add_text(g->out, "</tr></thead><tbody>\n");
}

static void add_terms(const struct assignment *a, struct buf *out)
{
    buf_add_text(out,
                 a->due_ms == 0 ? "<p class=\"lead\">No deadline" : "<p class=\"lead\">Until ");
    layout_time(a->due_ms, out);
    if (a->attempts_max == 1)
        buf_add_text(out, "; the first attempt of a task counts");
    else if (a->attempts_max > 1)
        html_addf(out, "; the first %d attempts of a task count", (int)a->attempts_max);
    buf_add_text(out, ".</p>\n");
}

/* 1: an assignment of this very class; 0: r says that there is none. */
static int find(const struct site *s, const struct class_view *c, struct str word,
                struct assignment *ret_assignment, struct response *r, struct err *err)
{
    int64_t id = 0;
    int status = 0;

    if (str_to_i64(word, &id))
        status = assignment_find(s->accounts, id, ret_assignment, err);
    if (status == 1 && ret_assignment->class_id == c->id)
        return 1;
    if (status >= 0)
        page_error(s, 404, "The class has no assignment at this address.", r);
    return status < 0 ? status : 0;
}

int page_class_assignment(const struct site *s, const struct request *q, struct response *r,
                          struct err *err)
{
    char path[80];
    struct form remove = {.method = "DELETE",
                          .path = path,
                          .label = "Delete the assignment",
                          .ask = "Delete this assignment? What was handed in stays."};
    char next[64];
    struct layout l = {.here = "/teach", .look = "wide", .who = q->person};
    struct assignment a;
    struct class_view c;
    struct grid g = {.site = s, .class = &c, .assignment = &a};
    int status = teaching_class(s, q, q->words[0], &c, r, err);

    if (status == 1)
        status = find(s, &c, q->words[1], &a, r, err);
    if (status <= 0)
        return status;
    snprintf(path, sizeof(path), "/classes/%lld/assignments/%lld", (long long)c.id,
             (long long)a.id);
    snprintf(next, sizeof(next), "/teach/classes/%lld", (long long)c.id);
    remove.next = next;
    l.title = a.title;
    g.out = response_html(r, 200);
    layout_begin(s, &l, g.out);
    teaching_trail(&c, a.title, g.out);
    html_addf(g.out, "<h1>%s</h1>\n", a.title);
    add_terms(&a, g.out);
    add_head(&g);
    status = grades_of(s->accounts, &a, add_row, &g, err);
    html_addf(g.out,
              "</tbody></table></div>\n<p><a class=\"button\" "
              "href=\"/api/v1/classes/%d/grades.csv?assignment=%d\" download>As CSV</a></p>\n",
              (int)c.id, (int)a.id);
    form_button(g.out, &remove, NULL, "Delete the assignment", "danger");
    layout_end(g.out);
    return status < 0 ? status : 0;
}

/* ---- for learners ---- */

static void add_own(void *owner, const struct assignment *a)
{
    struct grid *g = owner;
    struct grade grades[ASSIGNMENT_TASKS_MAX];
    uint32_t i;

    if (g->status < 0)
        return;
    g->status = grades_of_person(g->site->accounts, a, g->request->person->id, grades, g->err);
    if (g->status < 0)
        return;
    html_addf(g->out, "<section>\n<h2>%s</h2>\n", a->title);
    add_terms(a, g->out);
    buf_add_text(g->out, "<ol class=\"listing\">\n");
    for (i = 0; i < a->task_count; i++) {
        buf_add_text(g->out, "<li class=\"spread\"><span>");
        teaching_task(g->site, a->tasks[i].track, a->tasks[i].task, g->out);
        buf_add_text(g->out, "</span><span>");
        teaching_grade(&grades[i], g->out);
        buf_add_text(g->out, "</span></li>\n");
    }
    buf_add_text(g->out, "</ol>\n</section>\n");
}

int page_own_class(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    struct layout l = {.here = "/account", .who = q->person};
    struct class_view c;
    struct grid g = {.site = s, .class = &c, .request = q, .err = err};
    int64_t id = 0;
    int status = 0;

    if (s->accounts != NULL && str_to_i64(q->words[0], &id))
        status = class_find(s->accounts, id, q->person->id, &c, err);
    if (status < 0)
        return status;
    if (status == 0 || c.part == CLASS_NO_MEMBER) {
        page_error(s, 404, "You are in no class at this address.", r);
        return 0;
    }
    l.title = c.title;
    g.out = response_html(r, 200);
    layout_begin(s, &l, g.out);
    html_addf(g.out, "<h1>%s</h1>\n", c.title);
    status = assignment_list(s->accounts, c.id, add_own, &g, err);
    if (status == 0)
        buf_add_text(g.out, "<p class=\"empty\">Nothing is asked for yet.</p>\n");
    layout_end(g.out);
    return g.status < 0 ? g.status : status < 0 ? status : 0;
}

/* /teach: one's classes. A class in one page: who is where, where people are stuck, what is asked
 * of them, and how one gets in. The most urgent question of a teacher comes first: whom do I help?
 */
#include "pages.h"

#include "../accounts/assignments.h"
#include "../accounts/link.h"
#include "../accounts/person.h"
#include "../base/err.h"
#include "../course/track.h"
#include "form.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "teaching.h"

#include <stdio.h>

/* ---- all classes ---- */

static void add_class(void *out, const struct class_view *c)
{
    html_addf(out,
              "<li class=\"spread\"><a href=\"/teach/classes/%d\">%s</a><span class=\"soft\">%d "
              "%s</span></li>\n",
              (int)c->id, c->title, (int)c->learner_count,
              c->learner_count == 1 ? "learner" : "learners");
}

int page_teach(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct form f = {
        .method = "POST", .path = "/classes", .label = "New class", .next = "/teach/classes/{id}"};
    const struct field title = {.name = "title", .label = "Title"};
    struct layout l = {.title = "Classes", .here = "/teach", .who = q->person};
    struct buf *out;
    int count;

    if (s->accounts == NULL) {
        page_error(s, 404, "This server has no accounts, so there are no classes.", r);
        return 0;
    }
    out = response_html(r, 200);
    layout_begin(s, &l, out);
    buf_add_text(out, "<h1>Classes</h1>\n<ul class=\"listing\">\n");
    count =
        class_list(s->accounts, q->person->id, q->person->role == ROLE_ADMIN, add_class, out, err);
    buf_add_text(out, "</ul>\n");
    if (count == 0)
        buf_add_text(out, "<p class=\"empty\">None so far.</p>\n");
    buf_add_text(out, "<h2>New class</h2>\n");
    form_begin(out, &f);
    form_field(out, &title);
    form_end(out, "Make it", "primary");
    layout_end(out);
    return count < 0 ? count : 0;
}

/* ---- who is where ---- */

struct part {
    const struct site *site;
    const struct class_view *class;
    struct buf *out;
};

static void add_standing(void *owner, const struct standing *st)
{
    const struct part *p = owner;
    struct buf *out = p->out;
    bool is_over = st->verdict[0] != '\0';

    buf_add_text(out, "<tr><th scope=\"row\">");
    teaching_person(p->class->id, &st->member, out);
    html_addf(out, "</th><td class=\"number\">%d</td><td>", (int)st->passed);
    if (st->track[0] != '\0') {
        teaching_task(p->site, st->track, st->task, out);
        html_addf(out,
                  "</td><td><a href=\"/submissions/%d\"><span class=\"badge %s\">%s</span></a>"
                  "</td><td>",
                  (int)st->handin, is_over ? st->verdict : "queued",
                  is_over ? st->verdict : "waits");
        layout_time(st->at_ms, out);
        buf_add_text(out, "</td></tr>\n");
    } else {
        buf_add_text(out,
                     "<span class=\"soft\">nothing handed in</span></td><td></td><td></td></tr>\n");
    }
}

/* head: up to <tbody>. */
static void add_table(struct buf *out, const char *head, const struct buf *rows)
{
    buf_add_text(out, head);
    buf_add_str(out, buf_str(rows));
    buf_add_text(out, "</tbody></table></div>\n");
}

static int add_standings(struct part *p, struct err *err)
{
    struct buf rows = {0};
    struct part list = {p->site, p->class, &rows};
    int count = standings(p->site->accounts, p->class->id, add_standing, &list, err);

    buf_add_text(p->out, "<h2 id=\"where\">Who is where</h2>\n");
    if (count == 0)
        buf_add_text(p->out, "<p class=\"empty\">Nobody has joined yet. A link below lets people "
                             "in.</p>\n");
    if (count > 0)
        add_table(p->out,
                  "<div class=\"table\" tabindex=\"0\" "
                  "role=\"region\" aria-label=\"Who is where\"><table class=\"data\"><thead><tr>"
                  "<th>Learner</th><th class=\"number\">Passed</th><th>Last at</th><th>Verdict</th>"
                  "<th>When</th></tr></thead><tbody>\n",
                  &rows);
    buf_release(&rows);
    return count < 0 ? count : 0;
}

static void add_sticking(void *owner, const struct sticking *st)
{
    const struct part *p = owner;

    buf_add_text(p->out, "<tr><th scope=\"row\">");
    teaching_task(p->site, st->track, st->task, p->out);
    html_addf(p->out,
              "</th><td class=\"number\">%d of %d</td><td class=\"number\">%d</td><td>%s</td>"
              "</tr>\n",
              (int)(st->people - st->passed), (int)st->people, (int)st->attempts, st->said);
}

static int add_stickings(struct part *p, struct err *err)
{
    struct buf rows = {0};
    struct part list = {p->site, p->class, &rows};
    int count = stickings(p->site->accounts, p->class->id, add_sticking, &list, err);

    buf_add_text(p->out, "<h2 id=\"stuck\">Where people are stuck</h2>\n");
    if (count == 0)
        buf_add_text(p->out, "<p class=\"empty\">Nobody is stuck just now.</p>\n");
    if (count > 0)
        add_table(
            p->out,
            "<div class=\"table\" "
            "tabindex=\"0\" role=\"region\" aria-label=\"Where people are stuck\"><table "
            "class=\"data\"><thead><tr><th>Task</th><th class=\"number\">Not passed</th>"
            "<th class=\"number\">Attempts that failed</th><th>Where most of them fail</th></tr>"
            "</thead><tbody>\n",
            &rows);
    buf_release(&rows);
    return count < 0 ? count : 0;
}

/* ---- assignments ---- */

static void add_assignment(void *owner, const struct assignment *as)
{
    const struct part *p = owner;

    html_addf(p->out,
              "<li class=\"spread\"><a href=\"/teach/classes/%d/assignments/%d\">%s</a>"
              "<span class=\"soft\">%u %s, ",
              (int)p->class->id, (int)as->id, as->title, as->task_count,
              as->task_count == 1 ? "task" : "tasks");
    teaching_due(as->due_ms, p->out);
    buf_add_text(p->out, "</span></li>\n");
}

static void add_task_boxes(const struct site *s, struct buf *out)
{
    uint32_t i, k;

    buf_add_text(out, "<fieldset><legend>Tasks</legend>\n");
    for (i = 0; i < s->course->track_count; i++) {
        const struct track *t = &s->course->tracks[i];
        if (t->task_count == 0)
            continue;
        html_addf(out, "<details class=\"fold\"><summary>%s</summary>\n", t->title);
        for (k = 0; k < t->task_count; k++)
            form_task(out, t->slug, t->tasks[k].slug, t->tasks[k].title);
        buf_add_text(out, "</details>\n");
    }
    buf_add_text(out, "</fieldset>\n");
}

static int add_assignments(struct part *p, struct err *err)
{
    char path[80];
    const struct form f = {.method = "POST", .path = path, .label = "New assignment"};
    const struct field title = {.name = "title", .label = "Title"};
    const struct field due = {.name = "due_ms",
                              .label = "Deadline",
                              .kind = FIELD_TIME,
                              .help = "By your clock. What is handed in later does not count.",
                              .optional = true};
    const struct field attempts = {.name = "attempts_max",
                                   .label = "Attempts of a task that count",
                                   .kind = FIELD_NUMBER,
                                   .help = "Empty: all.",
                                   .optional = true};
    int count;

    snprintf(path, sizeof(path), "/classes/%lld/assignments", (long long)p->class->id);
    buf_add_text(p->out, "<h2 id=\"assignments\">Assignments</h2>\n<ul class=\"listing\">\n");
    count = assignment_list(p->site->accounts, p->class->id, add_assignment, p, err);
    html_addf(p->out,
              "</ul>\n<p><a class=\"button\" href=\"/api/v1/classes/%d/grades.csv\" download>All "
              "grades as CSV</a></p>\n<details class=\"fold\"><summary>New assignment</summary>\n",
              (int)p->class->id);
    form_begin(p->out, &f);
    form_field(p->out, &title);
    form_field(p->out, &due);
    form_field(p->out, &attempts);
    add_task_boxes(p->site, p->out);
    form_end(p->out, "Make it", "primary");
    buf_add_text(p->out, "</details>\n");
    return count < 0 ? count : 0;
}

/* ---- members ---- */

static void add_member(void *owner, const struct class_member *m)
{
    const struct part *p = owner;
    char path[80];
    const struct form out_of = {.method = "DELETE",
                                .path = path,
                                .label = "Remove from the class",
                                .ask = "Remove this member from the class? The work stays."};

    snprintf(path, sizeof(path), "/classes/%lld/members/%lld", (long long)p->class->id,
             (long long)m->person);
    buf_add_text(p->out, "<li class=\"spread\"><span>");
    teaching_person(p->class->id, m, p->out);
    if (m->teaches)
        buf_add_text(p->out, " <span class=\"badge\">teaches</span>");
    buf_add_text(p->out, "</span>");
    form_button(p->out, &out_of, NULL, "Remove", "small");
    buf_add_text(p->out, "</li>\n");
}

/* Two links: into the class, and for people who have no account to both. */
static void add_ways_in(const struct part *p)
{
    char links[64];
    const struct form join = {.method = "POST",
                              .path = links,
                              .label = "Link to join",
                              .show = "path",
                              .told = "Hand this link to the class; it is shown once."};
    const struct form invite = {.method = "POST",
                                .path = "/invitations",
                                .label = "Invitation",
                                .show = "path",
                                .told = "Hand this link to the class; it is shown once."};
    struct field uses = {
        .name = "uses", .label = "For so many people", .kind = FIELD_NUMBER, .value = "40"};
    struct field days = {
        .name = "days", .label = "Good for days", .kind = FIELD_NUMBER, .value = "14"};

    snprintf(links, sizeof(links), "/classes/%lld/links", (long long)p->class->id);
    buf_add_text(p->out,
                 "<details class=\"fold\"><summary>Link to join</summary>\n<p>For those who "
                 "have an account here.</p>\n");
    form_begin(p->out, &join);
    form_field(p->out, &uses);
    form_field(p->out, &days);
    form_end(p->out, "Make a link", "primary");
    buf_add_text(p->out,
                 "</details>\n<details class=\"fold\"><summary>Invitation</summary>\n<p>For "
                 "those who have no account yet: they make one and are in the class.</p>\n");
    uses.id = "invited";
    days.id = "invited-days";
    form_begin(p->out, &invite);
    form_field(p->out, &uses);
    form_field(p->out, &days);
    form_hidden_number(p->out, "class", p->class->id);
    form_end(p->out, "Make an invitation", "primary");
    buf_add_text(p->out, "</details>\n");
}

static int add_members(struct part *p, struct err *err)
{
    char own[64];
    const struct form delete = {.method = "DELETE",
                                .path = own,
                                .label = "Delete the class",
                                .next = "/teach",
                                .ask = "Delete this class with its assignments? Nobody's work is "
                                       "touched."};
    int count;

    snprintf(own, sizeof(own), "/classes/%lld", (long long)p->class->id);
    buf_add_text(p->out, "<h2 id=\"members\">Members</h2>\n<ul class=\"listing\">\n");
    count = class_members(p->site->accounts, p->class->id, add_member, p, err);
    buf_add_text(p->out, "</ul>\n");
    add_ways_in(p);
    form_button(p->out, &delete, NULL, "Delete the class", "danger");
    return count < 0 ? count : 0;
}

int page_class(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout l = {.here = "/teach", .who = q->person};
    struct class_view c;
    struct part p = {.site = s, .class = &c};
    int status = teaching_class(s, q, q->words[0], &c, r, err);

    if (status <= 0)
        return status;
    l.title = c.title;
    p.out = response_html(r, 200);
    layout_begin(s, &l, p.out);
    teaching_trail(&c, NULL, p.out);
    html_addf(p.out, "<h1>%s</h1>\n", c.title);
    status = add_standings(&p, err);
    if (status == 0)
        status = add_stickings(&p, err);
    if (status == 0)
        status = add_assignments(&p, err);
    if (status == 0)
        status = add_members(&p, err);
    layout_end(p.out);
    return status;
}

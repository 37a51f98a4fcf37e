#include "../accounts/assignments.h"

#include "../accounts/accounts.h"
#include "../accounts/grades.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../course/track.h"
#include "account_reply.h"
#include "api_classes.h"
#include "class_reply.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <stdio.h>
#include <string.h>

/* ---- assignments ---- */

static json_t *assignment_json(const struct assignment *a)
{
    json_t *tasks = json_array();
    uint32_t i;

    for (i = 0; i < a->task_count; i++)
        json_array_append_new(
            tasks, json_pack("{s:s, s:s}", "track", a->tasks[i].track, "task", a->tasks[i].task));
    return json_pack("{s:I, s:o, s:I, s:I, s:I, s:o}", "id", (json_int_t)a->id, "title",
                     reply_text(a->title), "due_ms", (json_int_t)a->due_ms, "attempts_max",
                     (json_int_t)a->attempts_max, "made_ms", (json_int_t)a->made_ms, "tasks",
                     tasks);
}

static json_t *grade_json(const struct grade *g)
{
    return json_pack("{s:b, s:I, s:I, s:I, s:b}", "passed", g->passed, "attempts",
                     (json_int_t)g->attempts, "passed_ms", (json_int_t)g->passed_ms, "submission",
                     (json_int_t)g->handin, "late", g->late);
}

static json_t *grades_json(const struct grade *grades, uint32_t count)
{
    json_t *list = json_array();
    uint32_t i;

    for (i = 0; i < count; i++)
        json_array_append_new(list, grade_json(&grades[i]));
    return list;
}

struct listing {
    const struct site *site;
    int64_t person;
    json_t *list;
    struct err *err;
    int status;
};

static void add_assignment(void *owner, const struct assignment *a)
{
    struct grade grades[ASSIGNMENT_TASKS_MAX];
    struct listing *l = owner;
    json_t *value = assignment_json(a);

    if (l->status >= 0)
        l->status = grades_of_person(l->site->accounts, a, l->person, grades, l->err);
    json_object_set_new(value, "grades",
                        l->status >= 0 ? grades_json(grades, a->task_count) : json_array());
    json_array_append_new(l->list, value);
}

int api_assignments(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct listing l = {s, q->person->id, json_array(), err, 0};
    struct class_view c;
    int status = class_for(s, q, CLASS_TO_SEE, &c, r, err);

    if (status == 1)
        status = accounts_also(assignment_list(s->accounts, c.id, add_assignment, &l, err));
    if (status == 1 && l.status < 0)
        status = l.status;
    if (status <= 0) {
        json_decref(l.list);
        return status;
    }
    response_json(r, json_pack("{s:o}", "assignments", l.list));
    return 0;
}

/* True: the course has the task; also one of a track that is only planned has none. */
static bool read_task(const struct site *s, const json_t *value, struct assignment_task *t,
                      struct response *r)
{
    const char *track = request_member(value, "track"), *task = request_member(value, "task");
    const struct site_track *st = site_track(s, str_of(track));
    const struct page *page = NULL;

    if (st == NULL || site_task(st, str_of(task), &page) == NULL ||
        strlen(track) > ASSIGNMENT_SLUG_MAX || strlen(task) > ASSIGNMENT_SLUG_MAX) {
        response_problem(r, 400,
                         "\"tasks\" has a task that the course does not have; GET /api/v1/tracks "
                         "lists them.");
        return false;
    }
    snprintf(t->track, sizeof(t->track), "%s", track);
    snprintf(t->task, sizeof(t->task), "%s", task);
    return true;
}

static bool read_tasks(const struct site *s, const json_t *list, struct assignment *a,
                       struct response *r)
{
    size_t i;

    if (!json_is_array(list) || json_array_size(list) < 1 ||
        json_array_size(list) > ASSIGNMENT_TASKS_MAX) {
        response_problem(r, 400, "\"tasks\" must be a list of 1 to 50 {\"track\", \"task\"}.");
        return false;
    }
    for (i = 0; i < json_array_size(list); i++)
        if (!read_task(s, json_array_get(list, i), &a->tasks[i], r))
            return false;
    a->task_count = (uint32_t)json_array_size(list);
    return true;
}

/* True: *a is what the body says. */
static bool read_assignment(const struct site *s, const json_t *body, struct assignment *a,
                            struct response *r)
{
    static const int64_t attempts_bounds[] = {0, ASSIGNMENT_ATTEMPTS_MAX};
    static const int64_t due_bounds[] = {0, 253402300799999};
    const char *title = request_member(body, "title"), *problem = title_problem(str_of(title));

    if (problem != NULL) {
        response_problem(r, 400, problem);
        return false;
    }
    snprintf(a->title, sizeof(a->title), "%s", title);
    return reply_number(body, "due_ms", due_bounds, 0, &a->due_ms, r) &&
           reply_number(body, "attempts_max", attempts_bounds, 0, &a->attempts_max, r) &&
           read_tasks(s, json_object_get(body, "tasks"), a, r);
}

/* id 0: a new one. */
static int put_assignment(const struct site *s, const struct request *q, struct assignment *a,
                          struct response *r, struct err *err)
{
    bool is_new = a->id == 0, good;
    json_t *body = request_object(q, r);
    int status, result;

    if (body == NULL)
        return 0;
    good = read_assignment(s, body, a, r);
    json_decref(body);
    if (!good)
        return 0;
    status = assignment_put(s->accounts, a, err);
    if (reply_went(status, 400, r, err, &result))
        reply_json(r, is_new ? 201 : 200, assignment_json(a));
    return result;
}

int api_assignment_post(const struct site *s, const struct request *q, struct response *r,
                        struct err *err)
{
    struct assignment *a;
    struct class_view c;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    if (status <= 0)
        return status;
    a = mem_zalloc(sizeof(*a));
    a->class_id = c.id;
    status = put_assignment(s, q, a, r, err);
    mem_free(a);
    return status;
}

/* 1 and the assignment that the path names, in a class that the asker teaches. */
static int assignment_for(const struct site *s, const struct request *q, struct str word,
                          struct assignment *a, struct response *r, struct err *err)
{
    struct class_view c;
    int64_t id = 0;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    if (status <= 0 || !reply_id(word, &id, r))
        return status < 0 ? status : 0;
    status = assignment_find(s->accounts, id, a, err);
    if (status == 1 && a->class_id != c.id)
        status = 0;
    if (status == 0)
        response_problem(r, 404, "There is no such assignment in this class.");
    return status;
}

int api_assignment_put(const struct site *s, const struct request *q, struct response *r,
                       struct err *err)
{
    struct assignment *a = mem_zalloc(sizeof(*a));
    int status = assignment_for(s, q, q->words[1], a, r, err);

    if (status == 1)
        status = put_assignment(s, q, a, r, err);
    mem_free(a);
    return status;
}

int api_assignment_delete(const struct site *s, const struct request *q, struct response *r,
                          struct err *err)
{
    struct assignment *a = mem_zalloc(sizeof(*a));
    int status = assignment_for(s, q, q->words[1], a, r, err);

    if (status == 1)
        status = accounts_also(assignment_delete(s->accounts, a->id, err));
    if (status == 1)
        response_json(r, json_object());
    mem_free(a);
    return status < 0 ? status : 0;
}

/* ---- grades ---- */

struct grading {
    const struct assignment *assignment;
    json_t *rows;
};

static json_t *member_json(const struct class_member *m)
{
    return json_pack("{s:I, s:o, s:o, s:I}", "id", (json_int_t)m->person, "name",
                     reply_text(m->name), "full_name", reply_text(m->full_name), "seen_ms",
                     (json_int_t)m->seen_ms);
}

static void add_row(void *owner, const struct grade_row *row)
{
    struct grading *g = owner;

    json_array_append_new(g->rows, json_pack("{s:o, s:I, s:o}", "member", member_json(&row->member),
                                             "passed", (json_int_t)row->passed, "grades",
                                             grades_json(row->grades, g->assignment->task_count)));
}

int api_grades(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct assignment *a = mem_zalloc(sizeof(*a));
    struct grading g = {a, json_array()};
    int status = assignment_for(s, q, q->words[1], a, r, err);

    if (status == 1)
        status = accounts_also(grades_of(s->accounts, a, add_row, &g, err));
    if (status == 1)
        response_json(r, json_pack("{s:o, s:O}", "assignment", assignment_json(a), "rows", g.rows));
    json_decref(g.rows);
    mem_free(a);
    return status < 0 ? status : 0;
}

int api_grades_csv(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    const char *wanted = request_value(q, "assignment");
    char key[32], name[64];
    struct class_view c;
    int64_t id = 0;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    snprintf(key, sizeof(key), "%lld", (long long)q->person->id);
    if (status <= 0 || (wanted[0] != '\0' && !reply_id(str_of(wanted), &id, r)) ||
        !reply_is_allowed(s, THROTTLE_EXPORT, str_of(key), r))
        return status < 0 ? status : 0;
    status = grades_csv(s->accounts, c.id, id, &r->body, err);
    if (status == 0)
        response_problem(r, 404, "There is no such assignment in this class.");
    if (status <= 0)
        return status;
    r->status = 200;
    r->type = "text/csv; charset=utf-8";
    snprintf(name, sizeof(name), "grades-%lld.csv", (long long)c.id);
    response_download(r, name);
    return 0;
}

static void add_standing(void *owner, const struct standing *s)
{
    json_array_append_new(
        owner, json_pack("{s:o, s:I, s:o, s:o, s:o, s:I, s:I}", "member", member_json(&s->member),
                         "passed", (json_int_t)s->passed, "track", reply_text(s->track), "task",
                         reply_text(s->task), "verdict", reply_text(s->verdict), "at_ms",
                         (json_int_t)s->at_ms, "submission", (json_int_t)s->handin));
}

static void add_sticking(void *owner, const struct sticking *s)
{
    json_array_append_new(
        owner, json_pack("{s:o, s:o, s:I, s:I, s:I}", "track", reply_text(s->track), "task",
                         reply_text(s->task), "people", (json_int_t)s->people, "passed",
                         (json_int_t)s->passed, "attempts", (json_int_t)s->attempts));
}

int api_standings(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    json_t *people = json_array(), *tasks = json_array();
    struct class_view c;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    if (status == 1)
        status = accounts_also(standings(s->accounts, c.id, add_standing, people, err));
    if (status == 1)
        status = accounts_also(stickings(s->accounts, c.id, add_sticking, tasks, err));
    if (status == 1)
        response_json(r, json_pack("{s:O, s:O}", "people", people, "stuck", tasks));
    json_decref(people);
    json_decref(tasks);
    return status < 0 ? status : 0;
}

/* The way of a request: its address finds a row; who changes something must come from a page of
 * this server (request_is_own()); then it is asked who he is and whether his role is enough; only
 * then is a body read and the handler called. So a stranger costs no more than a look at a table,
 * and no handler has to think of him. */
#include "routes.h"

#include "../base/err.h"
#include "../judge/jobs.h"
#include "../store/store.h"
#include "api.h"
#include "api_account.h"
#include "api_classes.h"
#include "pages.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Of a submission's files as JSON: as many bytes again for what must be escaped, and more. */
enum { FILES_MAX = 2 << 20, ARCHIVE_BODY_MAX = 4 << 20, AWAY_SECONDS = 2 };

const struct route routes[] = {
    {"GET", "/", page_home, ROLE_NOBODY, 0},
    {"GET", "/tracks/:track", page_track, ROLE_NOBODY, 0},
    {"GET", "/tracks/:track/:task", page_task, ROLE_NOBODY, 0},
    {"GET", "/progress", page_progress, ROLE_NOBODY, 0},
    {"GET", "/submissions/:id", page_submission, ROLE_LEARNER, 0},
    {"GET", "/search", page_search, ROLE_NOBODY, 0},
    {"GET", "/docs", page_docs, ROLE_NOBODY, 0},
    {"GET", "/docs/:name", page_doc, ROLE_NOBODY, 0},
    {"GET", "/playground", page_playground, ROLE_NOBODY, 0},
    {"GET", "/runs/:id", page_run, ROLE_NOBODY, 0},
    {"GET", "/static/:file", page_static, ROLE_NOBODY, 0},
    {"GET", "/api/v1/tracks", api_tracks, ROLE_NOBODY, 0},
    {"GET", "/api/v1/tracks/:track", api_track, ROLE_NOBODY, 0},
    {"GET", "/api/v1/tracks/:track/tasks/:task", api_task, ROLE_NOBODY, 0},
    {"GET", "/api/v1/tracks/:track/tasks/:task/hints/:number", api_hint, ROLE_NOBODY, 0},
    {"GET", "/api/v1/tracks/:track/tasks/:task/starter", api_starter, ROLE_NOBODY, 0},
    {"GET", "/api/v1/tracks/:track/tasks/:task/solution", api_solution, ROLE_LEARNER, 0},
    {"GET", "/api/v1/workloads", api_workloads, ROLE_NOBODY, 0},
    {"GET", "/api/v1/workloads/:workload/starter", api_workload_starter, ROLE_NOBODY, 0},
    {"POST", "/api/v1/runs", api_run_put, ROLE_LEARNER, FILES_MAX},
    {"GET", "/api/v1/runs/:id", api_run, ROLE_NOBODY, 0},
    {"DELETE", "/api/v1/runs/:id", api_run_cancel, ROLE_LEARNER, 0},
    {"GET", "/api/v1/runs/:id/events", api_run_events, ROLE_NOBODY, 0},
    {"GET", "/api/v1/runs/:id/report", api_run_report, ROLE_NOBODY, 0},
    {"GET", "/api/v1/languages", api_languages, ROLE_NOBODY, 0},
    {"GET", "/api/v1/progress", api_progress, ROLE_NOBODY, 0},
    {"GET", "/api/v1/search-index", api_search_index, ROLE_NOBODY, 0},
    {"GET", "/sign-in", page_sign_in, ROLE_NOBODY, 0},
    {"GET", "/sign-up", page_sign_up, ROLE_NOBODY, 0},
    {"GET", "/new-password", page_new_password, ROLE_NOBODY, 0},
    {"GET", "/join", page_join, ROLE_NOBODY, 0},
    {"GET", "/account", page_account, ROLE_LEARNER, 0},
    {"GET", "/classes/:class", page_own_class, ROLE_LEARNER, 0},
    {"GET", "/teach", page_teach, ROLE_TEACHER, 0},
    {"GET", "/teach/classes/:class", page_class, ROLE_TEACHER, 0},
    {"GET", "/teach/classes/:class/people/:person", page_class_person, ROLE_TEACHER, 0},
    {"GET", "/teach/classes/:class/assignments/:assignment", page_class_assignment, ROLE_TEACHER,
     0},
    {"GET", "/admin", page_admin, ROLE_ADMIN, 0},
    {"GET", "/admin/people", page_people, ROLE_ADMIN, 0},
    {"GET", "/api/v1/admin/workers", api_admin_workers, ROLE_ADMIN, 0},
    {"GET", "/api/v1/admin/queue", api_admin_queue, ROLE_ADMIN, 0},
    {"DELETE", "/api/v1/admin/queue/:job", api_admin_cancel, ROLE_ADMIN, 0},
    {"POST", "/api/v1/admin/regrades", api_admin_regrade, ROLE_ADMIN, 4096},
    {"GET", "/api/v1/admin/sandbox", api_admin_sandbox, ROLE_ADMIN, 0},
    {"GET", "/api/v1/admin/disk", api_admin_disk, ROLE_ADMIN, 0},
    {"GET", "/api/v1/admin/backups", api_backups, ROLE_ADMIN, 0},
    {"POST", "/api/v1/admin/backups", api_backup_make, ROLE_ADMIN, 64},
    {"GET", "/api/v1/admin/backups/:backup", api_backup, ROLE_ADMIN, 0},
    {"DELETE", "/api/v1/admin/backups/:backup", api_backup_remove, ROLE_ADMIN, 0},
    {"GET", "/api/v1/drafts/:track/:task/:language", api_draft, ROLE_LEARNER, 0},
    {"PUT", "/api/v1/drafts/:track/:task/:language", api_put_draft, ROLE_LEARNER, FILES_MAX},
    {"GET", "/api/v1/submissions", api_submissions, ROLE_LEARNER, 0},
    {"POST", "/api/v1/submissions", api_submit, ROLE_LEARNER, FILES_MAX},
    {"GET", "/api/v1/submissions/:id", api_submission, ROLE_LEARNER, 0},
    {"DELETE", "/api/v1/submissions/:id", api_cancel, ROLE_LEARNER, 0},
    {"GET", "/api/v1/submissions/:id/events", api_submission_events, ROLE_LEARNER, 0},
    {"GET", "/api/v1/submissions/:id/report", api_report, ROLE_LEARNER, 0},
    {"GET", "/api/v1/submissions/:id/archive", api_archive, ROLE_LEARNER, 0},
    {"POST", "/api/v1/archives", api_unpack, ROLE_LEARNER, ARCHIVE_BODY_MAX},
    {"GET", "/auth/:provider", auth_begin, ROLE_NOBODY, 0},
    {"GET", "/auth/:provider/callback", auth_callback, ROLE_NOBODY, 0},
    {"GET", "/api/v1/session", api_session, ROLE_NOBODY, 0},
    {"POST", "/api/v1/session", api_sign_in, ROLE_NOBODY, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/session", api_sign_out, ROLE_NOBODY, 0},
    {"DELETE", "/api/v1/sessions", api_sign_out_all, ROLE_LEARNER, 0},
    {"POST", "/api/v1/users", api_sign_up, ROLE_NOBODY, ACCOUNT_BODY_MAX},
    {"POST", "/api/v1/password", api_reset, ROLE_NOBODY, ACCOUNT_BODY_MAX},
    {"GET", "/api/v1/me", api_me, ROLE_LEARNER, 0},
    {"PUT", "/api/v1/me", api_me_put, ROLE_LEARNER, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/me", api_me_delete, ROLE_LEARNER, ACCOUNT_BODY_MAX},
    {"PUT", "/api/v1/me/password", api_me_password, ROLE_LEARNER, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/me/identities/:provider", api_me_unlink, ROLE_LEARNER, 0},
    {"GET", "/api/v1/me/export", api_me_export, ROLE_LEARNER, 0},
    {"GET", "/api/v1/admin/users", api_users, ROLE_ADMIN, 0},
    {"PUT", "/api/v1/admin/users/:id", api_user_put, ROLE_ADMIN, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/admin/users/:id", api_user_delete, ROLE_ADMIN, 0},
    {"POST", "/api/v1/admin/users/:id/password", api_user_link, ROLE_ADMIN, 0},
    {"GET", "/api/v1/invitations", api_invitations, ROLE_TEACHER, 0},
    {"POST", "/api/v1/invitations", api_invitation_post, ROLE_TEACHER, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/invitations/:id", api_invitation_delete, ROLE_TEACHER, 0},
    {"GET", "/api/v1/classes", api_classes, ROLE_LEARNER, 0},
    {"POST", "/api/v1/classes", api_class_post, ROLE_TEACHER, ACCOUNT_BODY_MAX},
    {"GET", "/api/v1/classes/:id", api_class, ROLE_LEARNER, 0},
    {"PUT", "/api/v1/classes/:id", api_class_put, ROLE_TEACHER, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/classes/:id", api_class_delete, ROLE_TEACHER, 0},
    {"POST", "/api/v1/memberships", api_class_join, ROLE_LEARNER, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/classes/:id/members/:person", api_class_leave, ROLE_LEARNER, 0},
    {"POST", "/api/v1/classes/:id/teachers", api_class_teacher, ROLE_TEACHER, ACCOUNT_BODY_MAX},
    {"GET", "/api/v1/classes/:id/links", api_class_links, ROLE_TEACHER, 0},
    {"POST", "/api/v1/classes/:id/links", api_class_link_post, ROLE_TEACHER, ACCOUNT_BODY_MAX},
    {"DELETE", "/api/v1/classes/:id/links/:link", api_class_link_delete, ROLE_TEACHER, 0},
    {"GET", "/api/v1/classes/:id/assignments", api_assignments, ROLE_LEARNER, 0},
    {"POST", "/api/v1/classes/:id/assignments", api_assignment_post, ROLE_TEACHER, CLASS_BODY_MAX},
    {"PUT", "/api/v1/classes/:id/assignments/:assignment", api_assignment_put, ROLE_TEACHER,
     CLASS_BODY_MAX},
    {"DELETE", "/api/v1/classes/:id/assignments/:assignment", api_assignment_delete, ROLE_TEACHER,
     0},
    {"GET", "/api/v1/classes/:id/assignments/:assignment/grades", api_grades, ROLE_TEACHER, 0},
    {"GET", "/api/v1/classes/:id/grades.csv", api_grades_csv, ROLE_TEACHER, 0},
    {"GET", "/api/v1/classes/:id/progress", api_standings, ROLE_TEACHER, 0},
    {NULL, NULL, NULL, ROLE_NOBODY, 0},
};

/* The next word of a path behind its "/"; *at moves behind it. */
static struct str next_word(const char **at)
{
    struct str word = {*at + 1, strcspn(*at + 1, "/")};

    *at = word.data + word.len;
    return word;
}

/* Words are compared as they came: an address has one spelling, and nothing is decoded, so there is
 * no second way to write "/" or "..". */
static bool matches(const char *pattern, const char *path, struct request *q)
{
    size_t count = 0;

    while (*pattern == '/' && *path == '/') {
        struct str wanted = next_word(&pattern), got = next_word(&path);
        if (wanted.len > 0 && wanted.data[0] == ':') {
            if (got.len == 0 || count == REQUEST_WORDS_MAX)
                return false;
            q->words[count++] = got;
        } else if (!str_eq(wanted, got)) {
            return false;
        }
    }
    return *pattern == '\0' && *path == '\0';
}

static bool method_fits(const char *wanted, const char *got)
{
    return strcmp(wanted, got) == 0 || (strcmp(wanted, "GET") == 0 && strcmp(got, "HEAD") == 0);
}

void routes_error(const struct site *s, const char *path, unsigned status, const char *detail,
                  struct response *r)
{
    if (strncmp(path, "/api/", 5) == 0)
        response_problem(r, status, detail);
    else
        page_error(s, status, detail, r);
}

static const struct route *table_of(const struct site *s)
{
    return s->routes != NULL ? s->routes : routes;
}

/* Every method of an address, for the header Allow. */
static void list_methods(const struct site *s, struct request *q, struct response *r)
{
    const struct route *route;
    size_t len = 0;

    for (route = table_of(s); route->method != NULL && len < sizeof(r->allow); route++)
        if (matches(route->path, q->path, q))
            len += (size_t)snprintf(r->allow + len, sizeof(r->allow) - len, "%s%s%s",
                                    len > 0 ? ", " : "", route->method,
                                    strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
}

static const struct route *find(const struct site *s, struct request *q, struct response *r)
{
    const struct route *route;
    char detail[RESPONSE_ALLOW_MAX + 64];
    bool known = false;

    for (route = table_of(s); route->method != NULL; route++) {
        if (!matches(route->path, q->path, q))
            continue;
        known = true;
        if (method_fits(route->method, q->method))
            return route;
    }
    if (!known) {
        routes_error(s, q->path, 404, "There is nothing at this address.", r);
        return NULL;
    }
    list_methods(s, q, r);
    snprintf(detail, sizeof(detail), "This address takes these methods only: %s.", r->allow);
    routes_error(s, q->path, 405, detail, r);
    return NULL;
}

static bool is_reading(const struct request *q)
{
    return method_fits("GET", q->method);
}

static bool is_api(const struct request *q)
{
    return strncmp(q->path, "/api/", 5) == 0;
}

/* 1: *into is who asks; 0: nobody has signed in. */
static int who_asks(const struct site *s, const struct request *q, struct person *into,
                    struct err *err)
{
    if (s->accounts == NULL) {
        *into = (struct person){.id = 0, .name = "local", .role = ROLE_ADMIN};
        return 1;
    }
    return q->headers.session[0] == '\0' ? 0
                                         : s->person_of(s->accounts, q->headers.session, into, err);
}

/* To /sign-in, and from there back to the address. */
static void send_to_sign_in(const struct request *q, struct response *r)
{
    struct buf back = {0}, url = {0};
    uint32_t i;

    buf_add_text(&back, q->path);
    for (i = 0; q->values != NULL && i < q->values->count; i++) {
        buf_add_text(&back, i == 0 ? "?" : "&");
        url_encode(str_of(q->values->list[i].name), &back);
        buf_add_text(&back, "=");
        url_encode(str_of(q->values->list[i].text), &back);
    }
    buf_add_text(&url, "/sign-in?next=");
    url_encode(buf_str(&back), &url);
    response_redirect(r, url.data);
    buf_release(&back);
    buf_release(&url);
}

static void refuse(const struct site *s, const struct request *q, struct response *r)
{
    if (q->person != NULL)
        routes_error(s, q->path, 403,
                     "You may not do this: it is for teachers or for those who run this server.",
                     r);
    else if (is_api(q))
        response_problem(r, 401,
                         "Please sign in first, at /sign-in (a program: POST /api/v1/session).");
    else if (is_reading(q))
        send_to_sign_in(q, r);
    else
        routes_error(s, q->path, 401, "Please sign in first, at /sign-in.", r);
}

static void too_long(const struct site *s, const struct route *route, const struct request *q,
                     struct response *r)
{
    char detail[100];

    if (route->body_max == 0)
        snprintf(detail, sizeof(detail), "This address takes no body.");
    else
        snprintf(detail, sizeof(detail), "The body is too long; it may have %u bytes.",
                 (unsigned)route->body_max);
    routes_error(s, q->path, 413, detail, r);
}

/* The way back of a database that was away; costs nothing where nothing is wrong. ERR_INPUT: a
 * newer eddy has it now. That it is still away is nothing to be said here: not everybody needs it.
 */
static int come_back(const struct site *s, struct err *err)
{
    struct err away = {.text = ""};
    int status = 0;

    if (s->store != NULL)
        status = store_reconnect(s->store, &away);
    if (s->jobs != NULL && status >= 0)
        status = jobs_reconnect(s->jobs, &away);
    if (status < 0 && status != ERR_AWAY)
        *err = away;
    return status == ERR_AWAY ? 0 : status;
}

/* What was read when the server started, and is the same for everybody: it is shown also while the
 * database is away and nobody can say who asks, and in a window that was opened by somebody else.
 */
static bool is_for_everybody(const struct route *route)
{
    static int (*const handlers[])(const struct site *s, const struct request *q,
                                   struct response *r, struct err *err) = {
        page_static,      page_docs, page_doc,      page_search,   api_starter,
        api_search_index, api_hint,  api_languages, api_workloads, api_workload_starter};
    size_t i;

    for (i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
        if (route->handler == handlers[i])
            return true;
    return false;
}

void routes_fail(const struct site *s, const char *path, int status, struct response *r)
{
    struct err ignored;

    response_release(r);
    *r = (struct response){.who = r->who};
    if (status != ERR_AWAY) {
        routes_error(s, path, 500,
                     "The server could not do this; its log says why. Please try again.", r);
        return;
    }
    routes_error(s, path, 503, "The database is not to be reached just now; please try again soon.",
                 r);
    r->retry_after_s = AWAY_SECONDS;
    come_back(s, &ignored); /* it is begun at once, for whoever asks next */
}

const struct route *routes_admit(const struct site *s, struct request *q, struct person *into,
                                 struct response *r, struct err *err)
{
    const struct route *route;
    int known = come_back(s, err);

    if (known >= 0)
        known = who_asks(s, q, into, err);
    q->person = r->who = known == 1 ? into : NULL;
    route = find(s, q, r);
    if (route == NULL)
        return NULL;
    if (!is_reading(q) && !request_is_own(q)) {
        routes_error(s, q->path, 403,
                     "Whatever changes something must come from a page of this server, or have "
                     "the header X-Eddy: 1.",
                     r);
        return NULL;
    }
    if (known == ERR_AWAY && is_for_everybody(route))
        known = 0;
    if (known < 0) {
        routes_fail(s, q->path, known, r);
        return NULL;
    }
    if (!request_is_of_its_page(q) && !is_for_everybody(route)) {
        routes_error(s, q->path, 412,
                     "Somebody else has signed in since this page was opened, so nothing was done. "
                     "Please reload the page, or sign in as who you were.",
                     r);
        return NULL;
    }
    if (route->least > (known == 1 ? into->role : ROLE_NOBODY)) {
        refuse(s, q, r);
        return NULL;
    }
    if (q->body.len > route->body_max) {
        too_long(s, route, q, r);
        return NULL;
    }
    return route;
}

/* Bodies of the API are JSON, and say so: what a form of another site may send is not. An archive
 * is one by its own bytes, whatever a browser calls it. */
static bool body_is_understood(const struct route *route, const struct request *q)
{
    static const char json[] = "application/json";
    const char *type = q->headers.content_type;

    if (q->body.len == 0 || !is_api(q) || route->handler == api_unpack)
        return true;
    return strncasecmp(type, json, sizeof(json) - 1) == 0 &&
           (type[sizeof(json) - 1] == '\0' || type[sizeof(json) - 1] == ';');
}

int routes_call(const struct route *route, const struct site *s, const struct request *q,
                struct response *r, struct err *err)
{
    int status;

    if (q->body.len > route->body_max) {
        too_long(s, route, q, r);
        return 0;
    }
    if (!body_is_understood(route, q)) {
        response_problem(r, 415, "The body must be JSON, with Content-Type: application/json.");
        return 0;
    }
    status = route->handler(s, q, r, err);
    if (status < 0)
        routes_fail(s, q->path, status, r);
    return status;
}

int routes_answer(const struct site *s, struct request *q, struct response *r, struct err *err)
{
    const struct route *route;
    struct person person;

    route = routes_admit(s, q, &person, r, err);
    if (route == NULL)
        return r->status >= 500 ? ERR_MACHINE : 0;
    return routes_call(route, s, q, r, err);
}

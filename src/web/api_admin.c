/* What whoever looks after a server wants to know: who judges, what waits, how strong the sandbox
 * is, and how full the disk. Every number is asked for anew; nothing is kept here. */
#include "api.h"

#include "../base/err.h"
#include "../cage/sandbox.h"
#include "../judge/errands.h"
#include "../judge/jobs.h"
#include "../judge/machines.h"
#include "../judge/regrade.h"
#include "../store/store.h"
#include "admin.h"
#include "backups.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

enum { QUEUE_SHOWN = 200 };

static json_t *text(const char *t)
{
    json_t *value = json_string(t);

    return value != NULL ? value : json_string(""); /* not UTF-8 */
}

/* ---- workers ---- */

static const char *worker_state(const struct machine_view *v)
{
    return v->silent_ms > MACHINE_SILENT_MS ? "silent"
           : v->machine.draining            ? "draining"
                                            : "working";
}

/* {"language", "version"} or {"language", "missing"} of a worker, as one shape. */
static json_t *tools_json(const char *tools)
{
    json_t *list = json_loads(tools, 0, NULL), *out = json_array(), *tool;
    size_t i;

    json_array_foreach(list, i, tool)
    {
        const char *language = json_string_value(json_object_get(tool, "language"));
        const char *version = json_string_value(json_object_get(tool, "version"));
        const char *missing = json_string_value(json_object_get(tool, "missing"));
        if (language != NULL)
            json_array_append_new(out, json_pack("{s:s, s:b, s:s}", "language", language, "fine",
                                                 version != NULL, "text",
                                                 version != NULL   ? version
                                                 : missing != NULL ? missing
                                                                   : ""));
    }
    json_decref(list);
    return out;
}

static void add_worker(void *list, const struct machine_view *v)
{
    const struct machine *m = &v->machine;

    json_array_append_new(
        list, json_pack("{s:o, s:s, s:o, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:o}", "name",
                        text(v->name), "state", worker_state(v), "sandbox", text(m->sandbox),
                        "jobs", (int)m->jobs, "running", (int)v->running, "cache_bytes",
                        (json_int_t)m->cache_bytes, "free_bytes", (json_int_t)m->free_bytes,
                        "began_ms", (json_int_t)v->began_ms, "beat_ms", (json_int_t)v->beat_ms,
                        "silent_ms", (json_int_t)v->silent_ms, "tools", tools_json(m->tools)));
}

int admin_workers(const struct site *s, json_t **ret_list, struct err *err)
{
    json_t *list = json_array();
    int status = s->jobs != NULL ? machines_list(s->jobs, add_worker, list, err) : 0;

    if (status < 0)
        json_decref(list);
    else
        *ret_list = list;
    return status < 0 ? status : 0;
}

int api_admin_workers(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    json_t *list = NULL;
    int status = admin_workers(s, &list, err);

    (void)q;
    if (status == 0)
        response_json(r, json_pack("{s:o}", "workers", list));
    return status;
}

/* ---- the queue ---- */

static void add_job(void *list, int64_t id, const struct job_view *v)
{
    json_array_append_new(
        list, json_pack("{s:I, s:s, s:s, s:o, s:o, s:o, s:i, s:i, s:o, s:I, s:I, s:I, "
                        "s:s, s:s, s:s, s:s, s:s}",
                        "id", (json_int_t)id, "state", jobs_state_word(v->state), "priority",
                        v->priority == JOB_REGRADE ? "regrade" : "interactive", "learner",
                        text(v->learner), "topic", text(v->topic), "worker", text(v->worker),
                        "attempt", (int)v->attempt, "place", (int)v->place, "why", text(v->why),
                        "put_ms", (json_int_t)v->put_ms, "taken_ms", (json_int_t)v->taken_ms,
                        "over_ms", (json_int_t)v->over_ms, "kind", "", "track", "", "task", "",
                        "language", "", "url", ""));
}

/* The address where it is to be seen; "" if there is none. */
static void name_page(const struct errand *e, char *into, size_t size)
{
    into[0] = '\0';
    if (e->handin != 0)
        snprintf(into, size, "/submissions/%" PRId64, e->handin);
    else if (e->play[0] != '\0')
        snprintf(into, size, "/runs/%s", e->play);
}

/* Adds to a job of the list what it is for. */
static void add_errand(void *list, const struct errand *e)
{
    char url[64];
    json_t *job;
    size_t i;

    name_page(e, url, sizeof(url));
    json_array_foreach((json_t *)list, i, job)
    {
        if (json_integer_value(json_object_get(job, "id")) != e->job)
            continue;
        json_object_set_new(job, "kind", text(e->play[0] != '\0' ? "playground" : e->kind));
        json_object_set_new(job, "track", text(e->track));
        json_object_set_new(job, "task", text(e->task));
        json_object_set_new(job, "language", text(e->language));
        json_object_set_new(job, "url", text(url));
    }
}

bool admin_find_state(const char *word, enum job_state *ret_state)
{
    int state;

    for (state = JOB_QUEUED; state <= JOB_NOT_JUDGED; state++)
        if (strcmp(word, jobs_state_word((enum job_state)state)) == 0) {
            *ret_state = (enum job_state)state;
            return true;
        }
    return false;
}

int admin_queue(const struct site *s, enum job_state state, json_t **ret_queue, struct err *err)
{
    struct jobs_counts counts = {0};
    json_t *list = json_array();
    int status = s->jobs != NULL ? jobs_count(s->jobs, &counts, err) : 0;

    if (status >= 0 && s->jobs != NULL)
        status = jobs_list(s->jobs, state, QUEUE_SHOWN, add_job, list, err);
    if (status >= 0 && s->jobs != NULL)
        status = errands_list(s->jobs, state, QUEUE_SHOWN, add_errand, list, err);
    if (status < 0) {
        json_decref(list);
        return status;
    }
    *ret_queue = json_pack("{s:I, s:I, s:I, s:I, s:s, s:o}", "queued", (json_int_t)counts.queued,
                           "running", (json_int_t)counts.running, "not_judged",
                           (json_int_t)counts.not_judged, "oldest_ms", (json_int_t)counts.oldest_ms,
                           "state", jobs_state_word(state), "jobs", list);
    return 0;
}

int api_admin_queue(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    const char *word = request_value(q, "state");
    enum job_state state = JOB_QUEUED;
    json_t *queue = NULL;
    int status;

    if (word[0] != '\0' && !admin_find_state(word, &state)) {
        response_problem(r, 400,
                         "state is one of queued, running, done, cancelled and \"not judged\".");
        return 0;
    }
    status = admin_queue(s, state, &queue, err);
    if (status == 0)
        response_json(r, queue);
    return status;
}

int api_admin_cancel(const struct site *s, const struct request *q, struct response *r,
                     struct err *err)
{
    struct job_view view;
    int64_t id = 0;
    int status = 0;

    if (s->jobs == NULL || !str_to_i64(q->words[0], &id) ||
        (status = jobs_view(s->jobs, id, &view, err)) == 0) {
        response_problem(r, 404, "The queue has no submission of this number.");
        return 0;
    }
    if (status > 0)
        status = jobs_cancel(s->jobs, id, err);
    if (status < 0)
        return status;
    if (status == 0)
        response_problem(r, 409, "It is over already; only what waits or runs can be cancelled.");
    else
        response_json(r, json_pack("{s:b}", "cancelled", 1));
    return 0;
}

int api_admin_regrade(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    json_t *body = request_object(q, r);
    const struct site_track *t;
    const struct page *page;
    int count = 0;

    if (body == NULL)
        return 0;
    t = site_track(s, str_of(request_member(body, "track")));
    if (t == NULL || site_task(t, str_of(request_member(body, "task")), &page) == NULL)
        response_problem(r, 404, "The course has no task of this name: {track, task}.");
    else if (s->jobs == NULL)
        response_problem(r, 409, "Nothing is judged here: this server has no queue.");
    else
        count =
            regrade_task(s->jobs, request_member(body, "track"), request_member(body, "task"), err);
    json_decref(body);
    if (count < 0)
        return count;
    if (r->status == 0) {
        response_json(r, json_pack("{s:i}", "count", count));
        r->status = 202;
    }
    return 0;
}

/* ---- the sandbox ---- */

static const char *level_words(enum sandbox_level level)
{
    switch (level) {
    case SANDBOX_A:
        return "Full: fit for programs of strangers.";
    case SANDBOX_B:
        return "Memory and tasks are limited for each process and not in sum: fit for a class.";
    case SANDBOX_C:
        return "No namespaces: other processes can be seen. For your own programs only.";
    case SANDBOX_D:
        return "Limits alone: for your own programs only.";
    case SANDBOX_OFF:
        break;
    }
    return "None.";
}

json_t *admin_sandbox(void)
{
    enum sandbox_level level = sandbox_level(), above;
    json_t *missing = json_array();

    for (above = SANDBOX_A; above > level; above--)
        json_array_append_new(missing, json_pack("{s:s, s:o}", "level", sandbox_level_name(above),
                                                 "why", text(sandbox_missing(above))));
    return json_pack("{s:s, s:s, s:o}", "level", sandbox_level_name(level), "means",
                     level_words(level), "missing", missing);
}

int api_admin_sandbox(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    (void)s, (void)q, (void)err;
    response_json(r, admin_sandbox());
    return 0;
}

/* ---- the disk ---- */

static int64_t free_bytes(const char *path)
{
    struct statvfs disk;

    return statvfs(path, &disk) == 0 ? (int64_t)disk.f_bavail * (int64_t)disk.f_frsize : 0;
}

static void add_place(json_t *list, const char *what, const char *where, int64_t bytes,
                      int64_t free)
{
    json_array_append_new(list,
                          json_pack("{s:s, s:o, s:I, s:I}", "what", what, "where", text(where),
                                    "bytes", (json_int_t)bytes, "free_bytes", (json_int_t)free));
}

static void add_cache(void *list, const struct machine_view *v)
{
    add_place(list, "cache of a worker", v->name, v->machine.cache_bytes, v->machine.free_bytes);
}

/* What the database itself says that it has; a server's as well. */
static int database_bytes(const struct site *s, int64_t *ret_bytes, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(s->store, "database_bytes", NULL, 0, &rows, err);

    if (status == 0 && (status = store_next(rows, err)) == 1)
        *ret_bytes = store_row_integer(rows, 0);
    store_rows_close(rows);
    return status < 0 ? status : 0;
}

int admin_disk(const struct site *s, json_t **ret_list, struct err *err)
{
    json_t *list = json_array();
    int64_t bytes = 0;
    int status = database_bytes(s, &bytes, err);

    if (status == 0 && backups_possible(s)) {
        struct buf folder = {0};
        backups_folder(s, &folder);
        add_place(list, "database", s->db, bytes, free_bytes(s->db));
        add_place(list, "backups", folder.data, backups_bytes(s), free_bytes(s->db));
        buf_release(&folder);
    } else if (status == 0) {
        add_place(list, "database", "on its server", bytes, 0);
    }
    if (status == 0 && s->jobs != NULL)
        status = machines_list(s->jobs, add_cache, list, err);
    if (status < 0)
        json_decref(list);
    else
        *ret_list = list;
    return status < 0 ? status : 0;
}

int api_admin_disk(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    json_t *list = NULL;
    int status = admin_disk(s, &list, err);

    (void)q;
    if (status == 0)
        response_json(r, json_pack("{s:o}", "places", list));
    return status;
}

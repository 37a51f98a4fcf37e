/* The queue as statements: those who take jobs and judge them.
 *
 * Whoever holds a job proves it with the fence that he got with it. Everything he says is a
 * statement whose WHERE has that fence and 'running'; if it changes no row he has lost the job,
 * whatever the reason, and learns nothing else. After a connection that broke he says it again: a
 * beat and a failure do no harm twice, events have their numbers from him, and a finish is found by
 * its fence beside the result. */
#include "../base/err.h"
#include "../base/mem.h"
#include "jobs_parts.h"

#include <string.h>

enum { TAKE_TRIES = 100 }; /* for a seat that others get first; each time somebody does get one */

static struct store_value fence_of(const struct job *job)
{
    return store_integer(job->fence);
}

static struct store_value id_of(const struct job *job)
{
    return store_integer(job->id);
}

/* ---- taking ---- */

/* 1: a job; 0: none. ERR_FULL: somebody else got the learner's seat. tried_max: how many attempts
 * it may have had. */
static int take_one(struct jobs *q, uint32_t tried_max, struct job *job, struct err *err)
{
    struct store_value v[] = {store_text(q->worker), store_integer(q->config.lease_ms),
                              store_text(q->offers), store_integer(q->config.running_max),
                              store_integer(tried_max)};
    struct store_rows *rows = NULL;
    int found = 0;
    int status = store_query(q->store, "job_take", v, 5, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct str text = store_row_str(rows, 6);
        job_release(job);
        *job = (struct job){
            .id = store_row_integer(rows, 0),
            .fence = store_row_integer(rows, 1),
            .attempt = (uint32_t)store_row_integer(rows, 2),
            .priority = store_row_integer(rows, 3) == 0 ? JOB_INTERACTIVE : JOB_REGRADE,
            .learner = mem_strdup(store_row_text(rows, 4)),
            .event_count = (uint32_t)store_row_integer(rows, 5),
            .payload = {mem_strndup(text.data, text.len), text.len},
        };
        job->is_last = job->attempt > 1 && job->attempt >= q->config.attempts_max;
        found = 1;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : found;
}

static int take_tried(struct jobs *q, uint32_t tried_max, struct job *ret_job, struct err *err)
{
    struct job job = {.id = 0};
    uint32_t tries;
    int status = ERR_FULL;

    for (tries = 0; status == ERR_FULL && tries < TAKE_TRIES; tries++)
        status = take_one(q, tried_max, &job, err);
    if (status == 1)
        *ret_job = job;
    else
        job_release(&job);
    return status == ERR_FULL ? 0 : status; /* full: others are busy here; the next look finds it */
}

int jobs_take(struct jobs *q, struct job *ret_job, struct err *err)
{
    return take_tried(q, UINT32_MAX, ret_job, err);
}

int jobs_take_beside(struct jobs *q, struct job *ret_job, struct err *err)
{
    uint32_t most = q->config.attempts_max;

    return take_tried(q, most < 2 ? 0 : most - 2, ret_job, err);
}

void job_release(struct job *job)
{
    mem_free(job->learner);
    mem_free((char *)job->payload.data);
    *job = (struct job){.id = 0};
}

/* ---- holding ---- */

int jobs_beat(struct jobs *q, const struct job *job, struct err *err)
{
    struct store_value v[] = {id_of(job), fence_of(job), store_integer(q->config.lease_ms)};

    return store_do(q->store, "job_beat", v, 3, err);
}

int jobs_holds(struct jobs *q, const struct job *job, struct err *err)
{
    struct store_value v[] = {id_of(job), fence_of(job)};
    int64_t held;

    return store_ask(q->store, "job_held", v, 2, &held, err);
}

static int add_event(struct jobs *q, const struct job *job, uint32_t number, struct str text,
                     struct err *err)
{
    struct store_value v[] = {id_of(job), store_integer(number), store_integer(job->attempt),
                              store_str(text)};

    return store_do(q->store, "job_event_add", v, 4, err);
}

static bool may_be_said(struct str text)
{
    return text.len <= JOB_EVENT_MAX && jobs_is_text(text);
}

/* 1: they are in; 0: the job is not ours. Within a transaction. */
static int add_events(struct jobs *q, const struct job *job, const struct str *events,
                      uint32_t count, uint32_t after, struct err *err)
{
    struct store_value v[] = {id_of(job), fence_of(job), store_integer(after)};
    uint32_t i, number = job->event_count;
    int status = store_do(q->store, "job_say", v, 3, err);

    for (i = 0; status > 0 && i < count && number < after; i++) {
        int added;
        if (!may_be_said(events[i]))
            continue;
        added = add_event(q, job, number, events[i], err);
        if (added < 0)
            return added;
        number++;
    }
    return status;
}

int jobs_say(struct jobs *q, struct job *job, const struct str *events, uint32_t count,
             struct err *err)
{
    uint32_t i, after = job->event_count;
    int status;

    for (i = 0; i < count; i++)
        after += after < JOB_EVENTS_MAX && may_be_said(events[i]);
    if (after == job->event_count)
        return 1;
    status = store_begin(q->store, err);
    if (status == 0)
        status = jobs_end(q, add_events(q, job, events, count, after, err), err);
    if (status > 0) {
        job->event_count = after;
        jobs_hint_news(q, job->id);
    }
    return status;
}

/* ---- ending ---- */

int jobs_put_file(struct jobs *q, const struct job *job, const char *name, struct str text,
                  struct err *err)
{
    struct store_value v[] = {id_of(job), fence_of(job), store_text(name), store_str(text)};

    if (text.len > JOB_FILE_MAX || !jobs_is_text(text) || strlen(name) > JOB_NAME_MAX)
        return err_set(err, ERR_INPUT, "the file %.40s is no UTF-8, or too long", name);
    return store_do(q->store, "job_file_put", v, 4, err);
}

int jobs_finish(struct jobs *q, const struct job *job, struct str result, struct err *err)
{
    struct store_value v[] = {id_of(job), fence_of(job), store_str(result)};
    int64_t id;
    int status;

    if (result.len > JOB_RESULT_MAX || !jobs_is_text(result))
        return err_set(err, ERR_INPUT, "the result of submission %lld is no UTF-8, or too long",
                       (long long)job->id);
    status = store_do(q->store, "job_finish", v, 3, err);
    if (status > 0)
        jobs_hint_news(q, job->id);
    else if (status == 0) /* perhaps by ourselves, before the connection broke */
        status = store_ask(q->store, "job_finished_with", v, 2, &id, err);
    return status;
}

int jobs_give_back(struct jobs *q, const struct job *job, struct err *err)
{
    struct store_value v[] = {id_of(job), fence_of(job)};
    int status = store_do(q->store, "job_give_back", v, 2, err);

    if (status > 0)
        jobs_hint_work(q);
    return status;
}

int jobs_fail(struct jobs *q, const struct job *job, const char *why, struct err *err)
{
    struct str words = {why, jobs_text_len(str_of(why))};
    struct store_value v[] = {store_integer(q->config.attempts_max),
                              store_integer(q->config.back_off_ms), id_of(job), fence_of(job),
                              store_str(words)};
    int status = store_do(q->store, "job_fail", v, 5, err);

    if (status > 0)
        jobs_hint_news(q, job->id);
    return status;
}

/* A sweep gives the ids of what it swept. */
static int sweep(struct jobs *q, const char *name, const struct store_value *v, uint32_t count,
                 struct err *err)
{
    struct store_rows *rows = NULL;
    int64_t *ids = NULL;
    size_t cap = 0;
    uint32_t i, swept = 0;
    int status = store_query(q->store, name, v, count, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        ids = mem_grow(ids, &cap, swept + 1, sizeof(*ids));
        ids[swept++] = store_row_integer(rows, 0);
        status = 0;
    }
    store_rows_close(rows);
    for (i = 0; status == 0 && i < swept; i++)
        jobs_hint_news(q, ids[i]);
    if (status == 0 && swept > 0)
        jobs_hint_work(q);
    mem_free(ids);
    return status < 0 ? status : (int)swept;
}

int jobs_sweep(struct jobs *q, struct err *err)
{
    struct store_value v[] = {store_integer(q->config.attempts_max),
                              store_integer(q->config.back_off_ms)};

    return sweep(q, "job_sweep", v, 2, err);
}

int jobs_sweep_worker(struct jobs *q, const char *worker, struct err *err)
{
    struct store_value v[] = {store_integer(q->config.attempts_max), store_text(worker)};

    return sweep(q, "job_sweep_worker", v, 2, err);
}

int jobs_forget_events(struct jobs *q, int64_t older_ms, struct err *err)
{
    struct store_value v[] = {store_integer(older_ms)};

    return store_do(q->store, "job_forget_events", v, 1, err);
}

int jobs_forget_files(struct jobs *q, int64_t older_ms, struct err *err)
{
    struct store_value v[] = {store_integer(older_ms)};

    return store_do(q->store, "job_forget_files", v, 1, err);
}

int jobs_forget(struct jobs *q, struct err *err)
{
    int status = jobs_forget_events(q, JOB_KEEP_MS, err);

    if (status >= 0)
        status = jobs_forget_files(q, JOB_KEEP_MS, err);
    return status < 0 ? status : 0;
}

/* The queue as statements: those who put jobs in and watch them. (Those who judge: jobs_take.c.)
 *
 * The load it is shaped for: some hundred jobs a second at most, each a second of work, payloads of
 * some kilobytes, from one laptop to a thousand cores on many machines. Each step of a job's life
 * is one statement that says in its WHERE whom it is meant for (id, fence, state), so two who come
 * at once cannot both succeed; what needs two statements stands in a short transaction. No
 * transaction is open while a job runs: it would keep the server from cleaning up behind the queue,
 * which costs a third of its speed.
 *
 * Fairness is an index: each running job of a learner has a seat, a number from 1 to running_max,
 * and (learner, seat) is unique among those that run. Two workers that take for one learner at once
 * may both see the same free seat; one gets it, the other is told ERR_FULL by the database, and
 * looks again. Counting alone would let them both in; one lock for all who take makes every machine
 * wait for the server's disk, one after the other.
 *
 * Hints are sent after the change is committed, by a statement of their own: within it, PostgreSQL
 * makes all who commit a notification queue up for the disk. One that is lost between the two is
 * only late, since everybody polls as well. */
#include "jobs.h"

#include "../base/err.h"
#include "../base/json_scan.h"
#include "../base/mem.h"
#include "jobs_parts.h"

#include <stdio.h>
#include <string.h>

enum {
    LEASE_MS = 30000,
    BACK_OFF_MS = 2000,
    ATTEMPTS = 3,
    ATTEMPTS_MAX = 10, /* the back-off doubles each time */
    RUNNING = 2,
    WAITING = 20,
    EVENTS_CHUNK = 64, /* read at a time, of JOB_EVENT_MAX each */
    SUPERSEDED_MAX = 64,
};

static const char channel_work[] = "work", channel_cancel[] = "cancel", channel_news[] = "news";
static const char *const state_words[] = {"queued", "running", "done", "cancelled", "not judged"};

/* ---- opening ---- */

static uint32_t number_or(uint32_t given, uint32_t otherwise, uint32_t max)
{
    return given == 0 ? otherwise : given < max ? given : max;
}

static char *offers_text(const char *offers)
{
    struct buf text = {0};

    if (offers == NULL)
        return mem_strdup("");
    buf_addf(&text, ",%s,", offers);
    return buf_take(&text);
}

static int prepare_store(struct store *s, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(s, "job_open", NULL, 0, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1)
        status = 0;
    store_rows_close(rows);
    return status;
}

int jobs_open_on(struct store *store, const struct jobs_config *config, struct jobs **ret_jobs,
                 struct err *err)
{
    struct jobs *q;
    int status;

    if (config->worker != NULL &&
        (strlen(config->worker) > JOB_NAME_MAX || !jobs_is_text(str_of(config->worker))))
        return err_set(err, ERR_INPUT, "the worker's name is no UTF-8, or longer than %d bytes",
                       JOB_NAME_MAX);
    status = prepare_store(store, err);
    if (status < 0)
        return status;
    q = mem_zalloc(sizeof(*q));
    q->store = store;
    q->worker = mem_strdup(config->worker != NULL ? config->worker : "");
    q->offers = offers_text(config->offers);
    q->config = (struct jobs_config){
        .lease_ms = config->lease_ms > 0 ? config->lease_ms : LEASE_MS,
        .back_off_ms = config->back_off_ms > 0 ? config->back_off_ms : BACK_OFF_MS,
        .attempts_max = number_or(config->attempts_max, ATTEMPTS, ATTEMPTS_MAX),
        .running_max = number_or(config->running_max, RUNNING, JOB_RUNNING_MAX),
        .waiting_max = number_or(config->waiting_max, WAITING, UINT32_MAX),
        .worker = q->worker,
        .offers = q->offers,
    };
    *ret_jobs = q;
    return 0;
}

int jobs_open(const char *db, const struct jobs_config *config, struct jobs **ret_jobs,
              struct err *err)
{
    struct store *store = NULL;
    int status = store_open(db, &store, err);

    if (status == 0)
        status = jobs_open_on(store, config, ret_jobs, err);
    if (status < 0)
        store_close(store);
    else
        (*ret_jobs)->own_store = true;
    return status;
}

void jobs_close(struct jobs *q)
{
    if (q == NULL)
        return;
    if (q->own_store)
        store_close(q->store);
    mem_free(q->worker);
    mem_free(q->offers);
    mem_free(q);
}

int jobs_reconnect(struct jobs *q, struct err *err)
{
    return store_reconnect(q->store, err);
}

bool jobs_is_shared(const struct jobs *q)
{
    return store_is_server(q->store);
}

/* ---- pieces ---- */

int jobs_end(struct jobs *q, int status, struct err *err)
{
    if (status >= 0) {
        int committed = store_commit(q->store, err);
        if (committed == 0)
            return status;
        status = committed;
    }
    store_rollback(q->store);
    return status;
}

size_t jobs_text_len(struct str s)
{
    const char *at = s.data, *end = s.data + s.len;

    while (at < end) {
        size_t len = *at == '\0' ? 0 : json_utf8_len(at, end);
        if (len == 0)
            break;
        at += len;
    }
    return (size_t)(at - s.data);
}

bool jobs_is_text(struct str s)
{
    return jobs_text_len(s) == s.len;
}

static void hint(struct jobs *q, const char *channel, int64_t id)
{
    struct err ignored = {.text = ""};

    store_hint(q->store, channel, id, &ignored);
}

void jobs_hint_work(struct jobs *q)
{
    hint(q, channel_work, 0);
}

void jobs_hint_cancel(struct jobs *q, int64_t id)
{
    hint(q, channel_cancel, id);
}

void jobs_hint_news(struct jobs *q, int64_t id)
{
    hint(q, channel_news, id);
}

/* ---- who submits ---- */

static int check_name(const char *what, const char *text, struct err *err)
{
    if (strlen(text) <= JOB_NAME_MAX && jobs_is_text(str_of(text)))
        return 0;
    return err_set(err, ERR_INPUT, "the %s of a submission may have %d bytes of UTF-8", what,
                   JOB_NAME_MAX);
}

static int check_spec(const struct job_spec *spec, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789.+-";
    int status = check_name("learner", spec->learner, err);

    if (status == 0)
        status = check_name("topic", spec->topic, err);
    if (status == 0 &&
        (strlen(spec->needs) > JOB_NAME_MAX || spec->needs[strspn(spec->needs, letters)] != '\0'))
        status =
            err_set(err, ERR_INPUT, "what a submission needs is a word of a-z, 0-9, . + and -");
    if (status == 0 && spec->payload.len > JOB_PAYLOAD_MAX)
        status = err_set(err, ERR_INPUT, "the submission has %zu bytes; it may have %d",
                         spec->payload.len, JOB_PAYLOAD_MAX);
    if (status == 0 && !jobs_is_text(spec->payload))
        status = err_set(err, ERR_INPUT, "the submission is no text of UTF-8 without 0 bytes");
    return status;
}

/* Jobs that a newer one on their topic replaces. Not more than waiting_max are there. */
struct superseded {
    int64_t ids[SUPERSEDED_MAX];
    uint32_t count;
};

static int supersede(struct jobs *q, const struct job_spec *spec, struct superseded *out,
                     struct err *err)
{
    struct store_value v[] = {store_text(spec->learner), store_text(spec->topic)};
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "job_supersede", v, 2, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        if (out->count < SUPERSEDED_MAX)
            out->ids[out->count++] = store_row_integer(rows, 0);
        status = 0;
    }
    store_rows_close(rows);
    return status;
}

/* Who submits for a learner is alone with it until the transaction ends, so that the count holds.
 */
static int make_room(struct jobs *q, const struct job_spec *spec, struct superseded *out,
                     struct err *err)
{
    struct store_value v[] = {store_text(spec->learner)};
    int64_t ignored = 0;
    int status;

    if (spec->learner[0] == '\0' || spec->priority != JOB_INTERACTIVE)
        return 0;
    status = store_ask(q->store, "job_put_lock", v, 1, &ignored, err);
    if (status >= 0)
        status = spec->topic[0] != '\0' ? supersede(q, spec, out, err) : 0;
    return status < 0 ? status : 0;
}

static int insert(struct jobs *q, const struct job_spec *spec, int64_t *ret_id, struct err *err)
{
    struct store_value v[] = {store_text(spec->learner), store_text(spec->topic),
                              store_text(spec->needs),   store_integer(spec->priority),
                              store_str(spec->payload),  store_integer(q->config.waiting_max)};
    int status = store_ask(q->store, "job_put", v, 6, ret_id, err);

    if (status != 0)
        return status;
    return err_set(err, ERR_FULL,
                   "%u of your submissions wait already; wait for one of them, or cancel it",
                   q->config.waiting_max);
}

int jobs_put(struct jobs *q, const struct job_spec *spec, int64_t *ret_id, struct err *err)
{
    struct superseded old = {.count = 0};
    int64_t id = 0;
    uint32_t i;
    int status = check_spec(spec, err);

    if (status == 0)
        status = store_begin(q->store, err);
    if (status < 0)
        return status;
    status = make_room(q, spec, &old, err);
    if (status >= 0)
        status = insert(q, spec, &id, err);
    status = jobs_end(q, status, err);
    if (status < 0)
        return status;
    for (i = 0; i < old.count; i++)
        jobs_hint_news(q, old.ids[i]);
    jobs_hint_work(q);
    *ret_id = id;
    return 0;
}

int jobs_cancel(struct jobs *q, int64_t id, struct err *err)
{
    struct store_value v[] = {store_integer(id)};
    int status = store_do(q->store, "job_cancel", v, 1, err);

    if (status > 0) {
        jobs_hint_cancel(q, id);
        jobs_hint_news(q, id);
    }
    return status;
}

/* ---- who watches ---- */

static bool read_state(const char *word, enum job_state *ret_state)
{
    size_t i;

    for (i = 0; i < sizeof(state_words) / sizeof(state_words[0]); i++)
        if (strcmp(word, state_words[i]) == 0) {
            *ret_state = (enum job_state)i;
            return true;
        }
    return false;
}

static int read_view(const struct store_rows *r, int64_t id, struct job_view *v, struct err *err)
{
    if (!read_state(store_row_text(r, 0), &v->state))
        return err_set(err, ERR_INPUT,
                       "the database is damaged: submission %lld is \"%.40s\", which means nothing",
                       (long long)id, store_row_text(r, 0));
    v->priority = store_row_integer(r, 1) == JOB_INTERACTIVE ? JOB_INTERACTIVE : JOB_REGRADE;
    snprintf(v->learner, sizeof(v->learner), "%s", store_row_text(r, 2));
    snprintf(v->topic, sizeof(v->topic), "%s", store_row_text(r, 3));
    snprintf(v->worker, sizeof(v->worker), "%s", store_row_text(r, 4));
    v->attempt = (uint32_t)store_row_integer(r, 5);
    v->event_count = (uint32_t)store_row_integer(r, 6);
    snprintf(v->why, sizeof(v->why), "%s", store_row_text(r, 7));
    v->put_ms = store_row_integer(r, 8);
    v->taken_ms = store_row_integer(r, 9);
    v->over_ms = store_row_integer(r, 10);
    return 1;
}

int jobs_view(struct jobs *q, int64_t id, struct job_view *ret_view, struct err *err)
{
    struct store_value key[] = {store_integer(id), store_integer(id)};
    struct job_view view = {.place = 0};
    struct store_rows *rows = NULL;
    int64_t before = 0;
    int status = store_query(q->store, "job_view", key, 1, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        status = read_view(rows, id, &view, err);
    store_rows_close(rows);
    if (status == 1 && view.state == JOB_QUEUED) {
        key[0] = store_integer(view.priority);
        status = store_ask(q->store, "job_place", key, 2, &before, err);
        view.place = (uint32_t)before + 1;
    }
    if (status == 1)
        *ret_view = view;
    return status;
}

const char *jobs_state_word(enum job_state state)
{
    return state_words[state];
}

int jobs_list(struct jobs *q, enum job_state state, uint32_t limit,
              void (*each)(void *owner, int64_t id, const struct job_view *view), void *owner,
              struct err *err)
{
    const struct store_value v[] = {store_integer(limit), store_text(state_words[state])};
    bool queued = state == JOB_QUEUED;
    struct store_rows *rows = NULL;
    int count = 0;
    int status = store_query(q->store, queued ? "job_list_queued" : "job_list", v, queued ? 1 : 2,
                             &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct job_view view = {.place = 0};
        int64_t id = store_row_integer(rows, 11);
        status = read_view(rows, id, &view, err);
        if (status < 0)
            break;
        count++;
        if (queued)
            view.place = (uint32_t)count;
        each(owner, id, &view);
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

/* Some events from *from on; how many. */
static int watch_chunk(struct jobs *q, int64_t id, uint32_t *from,
                       void (*hear)(void *, const struct job_event *), void *owner, struct err *err)
{
    struct store_value v[] = {store_integer(id), store_integer(*from), store_integer(EVENTS_CHUNK)};
    struct store_rows *rows = NULL;
    int count = 0;
    int status = store_query(q->store, "job_events", v, 3, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct job_event event = {.number = (uint32_t)store_row_integer(rows, 0),
                                  .attempt = (uint32_t)store_row_integer(rows, 1),
                                  .text = store_row_str(rows, 2)};
        if (event.number < *from) { /* nothing but a damaged number can be so: no endless loop */
            store_rows_close(rows);
            return err_set(err, ERR_INPUT, "the database is damaged: events of submission %lld",
                           (long long)id);
        }
        hear(owner, &event);
        *from = event.number + 1;
        count++;
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : count;
}

/* The view is read first: an end that it tells of has its events in the database before. */
int jobs_watch(struct jobs *q, int64_t id, uint32_t from,
               void (*hear)(void *owner, const struct job_event *event), void *owner,
               struct job_view *ret_view, struct err *err)
{
    struct job_view view;
    int status = jobs_view(q, id, &view, err);
    int count = EVENTS_CHUNK;

    if (status != 1)
        return status;
    while (hear != NULL && count == EVENTS_CHUNK) {
        count = watch_chunk(q, id, &from, hear, owner, err);
        if (count < 0)
            return count;
    }
    *ret_view = view;
    return 1;
}

/* A statement that gives one text in one row at most. */
static int ask_text(struct jobs *q, const char *name, const struct store_value *v, uint32_t count,
                    struct buf *out, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(q->store, name, v, count, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        buf_add_str(out, store_row_str(rows, 0));
    store_rows_close(rows);
    return status;
}

int jobs_result(struct jobs *q, int64_t id, struct buf *out, struct err *err)
{
    struct store_value v[] = {store_integer(id)};

    return ask_text(q, "job_result", v, 1, out, err);
}

int jobs_file(struct jobs *q, int64_t id, const char *name, struct buf *out, struct err *err)
{
    struct store_value v[] = {store_integer(id), store_text(name)};

    return ask_text(q, "job_file", v, 2, out, err);
}

int jobs_count(struct jobs *q, struct jobs_counts *ret_counts, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "job_count", NULL, 0, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        *ret_counts = (struct jobs_counts){.queued = store_row_integer(rows, 0),
                                           .running = store_row_integer(rows, 1),
                                           .not_judged = store_row_integer(rows, 2),
                                           .oldest_ms = store_row_integer(rows, 3)};
    store_rows_close(rows);
    return status < 0 ? status : 0;
}

/* ---- hints ---- */

int jobs_listen(struct jobs *q, bool work, bool news, struct err *err)
{
    int status = 0;

    if (work)
        status = store_listen(q->store, channel_work, err);
    if (status == 0 && work)
        status = store_listen(q->store, channel_cancel, err);
    if (status == 0 && news)
        status = store_listen(q->store, channel_news, err);
    return status;
}

int jobs_hear(struct jobs *q, enum jobs_hint *ret_hint, int64_t *ret_id, struct err *err)
{
    const char *channel = NULL;
    enum jobs_hint what = JOBS_HINT_NONE;
    int64_t id = 0;
    int status = store_hear(q->store, &channel, &id, err);

    if (status < 0)
        return status;
    if (status == 1)
        what = channel == NULL                        ? JOBS_HINT_ANY
               : strcmp(channel, channel_work) == 0   ? JOBS_HINT_WORK
               : strcmp(channel, channel_cancel) == 0 ? JOBS_HINT_CANCEL
                                                      : JOBS_HINT_NEWS;
    *ret_hint = what;
    *ret_id = id;
    return 0;
}

int jobs_fd(const struct jobs *q)
{
    return store_fd(q->store);
}

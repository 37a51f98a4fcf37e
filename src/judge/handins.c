/* A row of the table handin is the bond between a person and a job. The queue knows nothing of
 * verdicts and the worker nothing of people, so somebody must carry the one to the other: settle.
 * Whoever looks at a hand-in whose job is over does it on the spot, and the server does it for all
 * the others every second. The UPDATE that marks the row is the first statement of a transaction
 * with all the rest, and changes a row for one of those who try alone; it names the job, too, for
 * between looking and noting the hand-in may have got another one (regrade.c).
 *
 * The job is put in first and the row after it: killed in between, the server leaves a job without
 * an owner, which is judged for nobody; the other way round it would leave a row that waits for
 * ever. */
#include "handins.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../course/progress.h"
#include "jobs_parts.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { SETTLE_CHUNK = 100 };

static const char *const kind_words[] = {"run", "submit"};

void handin_release(struct handin *h)
{
    mem_free(h->sentence);
    h->sentence = NULL;
}

bool handin_is_over(const struct handin *h)
{
    return h->over_ms != 0;
}

const char *handin_kind_word(enum handin_kind kind)
{
    return kind_words[kind];
}

/* ---- putting in ---- */

static void name_learner(int64_t person, char into[32])
{
    snprintf(into, 32, "person %lld", (long long)person);
}

/* A run is for a look: who starts another does not want the one before any more. */
static void name_topic(const struct handin_spec *spec, struct buf *out)
{
    buf_add_text(out, "");
    if (spec->kind == HANDIN_RUN)
        buf_addf(out, "run %s/%s", spec->submission->track, spec->submission->task);
}

static int put_job(struct jobs *q, const struct handin_spec *spec, int64_t *ret_job,
                   struct err *err)
{
    struct submission s = *spec->submission; /* its seeds alone are changed */
    struct buf payload = {0}, topic = {0};
    char learner[32];
    struct job_spec job = {.learner = learner, .needs = s.language, .priority = JOB_INTERACTIVE};
    int status;

    s.seeds = spec->kind == HANDIN_RUN ? 1 : 0;
    submission_text(&s, &payload);
    name_learner(spec->person, learner);
    name_topic(spec, &topic);
    job.topic = topic.data;
    job.payload = buf_str(&payload);
    status = jobs_put(q, &job, ret_job, err);
    buf_release(&payload);
    buf_release(&topic);
    return status;
}

static struct progress_key key_of(int64_t person, const struct submission *s)
{
    return (struct progress_key){.track = s->track,
                                 .task = s->task,
                                 .language = s->language,
                                 .folder = "",
                                 .person = person};
}

static int put_row(struct jobs *q, const struct handin_spec *spec, int64_t job, int64_t *ret_id,
                   struct err *err)
{
    const struct submission *s = spec->submission;
    struct progress_key key = key_of(spec->person, s);
    struct store_value v[] = {store_integer(spec->person), store_text(kind_words[spec->kind]),
                              store_text(s->track),        store_text(s->task),
                              store_text(s->language),     store_integer(job)};
    int status = store_begin(q->store, err);

    if (status < 0)
        return status;
    status = store_ask(q->store, "handin_put", v, 6, ret_id, err);
    if (status >= 0)
        status = progress_begin(q->store, &key, err);
    return jobs_end(q, status, err);
}

int handins_put(struct jobs *q, const struct handin_spec *spec, int64_t *ret_id, struct err *err)
{
    int64_t job = 0, id = 0;
    struct err ignored;
    int status = put_job(q, spec, &job, err);

    if (status < 0)
        return status;
    status = put_row(q, spec, job, &id, err);
    if (status < 0) {
        jobs_cancel(q, job, &ignored);
        return status;
    }
    *ret_id = id;
    return 0;
}

/* ---- looking ---- */

static void copy_word(const struct store_rows *rows, uint32_t column, char *into, size_t size)
{
    snprintf(into, size, "%s", store_row_text(rows, column));
}

/* *ret_job_over_ms: when the queue says that it was over; 0: not yet. */
static void read_row(const struct store_rows *rows, struct handin *h, int64_t *ret_job_over_ms)
{
    *h = (struct handin){.id = store_row_integer(rows, 0), .person = store_row_integer(rows, 1)};
    h->kind =
        strcmp(store_row_text(rows, 2), kind_words[HANDIN_RUN]) == 0 ? HANDIN_RUN : HANDIN_SUBMIT;
    copy_word(rows, 3, h->track, sizeof(h->track));
    copy_word(rows, 4, h->task, sizeof(h->task));
    copy_word(rows, 5, h->language, sizeof(h->language));
    h->job = store_row_integer(rows, 6);
    h->put_ms = store_row_integer(rows, 7);
    h->over_ms = store_row_integer(rows, 8);
    copy_word(rows, 9, h->verdict, sizeof(h->verdict));
    h->judged_before = h->over_ms == 0 && h->verdict[0] != '\0';
    if (strcmp(h->verdict, "cancelled") == 0 || h->judged_before)
        h->verdict[0] = '\0';
    h->sentence = mem_strdup(h->judged_before ? "" : store_row_text(rows, 10));
    copy_word(rows, 11, h->state, sizeof(h->state));
    h->event_count = (uint32_t)store_row_integer(rows, 12);
    *ret_job_over_ms = store_row_integer(rows, 13);
    h->place = (uint32_t)store_row_integer(rows, 14);
    h->attempt = (uint32_t)store_row_integer(rows, 15);
    h->has_report = store_row_integer(rows, 16) != 0;
}

static int look(struct jobs *q, int64_t id, struct handin *ret_handin, int64_t *ret_job_over_ms,
                struct err *err)
{
    struct store_value key = store_integer(id);
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "handin_view", &key, 1, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        read_row(rows, ret_handin, ret_job_over_ms);
    store_rows_close(rows);
    return status;
}

int handins_list(struct jobs *q, int64_t person, const char *track, const char *task,
                 void (*each)(void *owner, const struct handin *h), void *owner, struct err *err)
{
    struct store_value v[] = {store_integer(person), store_text(track), store_text(task),
                              store_integer(HANDINS_LIST_MAX)};
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "handin_list", v, 4, &rows, err);

    while (status == 0 && (status = store_next(rows, err)) == 1) {
        int64_t ignored;
        struct handin h;
        read_row(rows, &h, &ignored);
        each(owner, &h);
        handin_release(&h);
        status = 0;
    }
    store_rows_close(rows);
    return status < 0 ? status : 0;
}

int handins_files(struct jobs *q, int64_t id, struct submission *ret_submission, struct err *err)
{
    struct store_value key = store_integer(id);
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "handin_files", &key, 1, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1 && submission_parse(store_row_str(rows, 0), ret_submission, err) < 0) {
        err_wrap(err, "the database is damaged: submission %lld", (long long)id);
        status = ERR_INPUT;
    }
    store_rows_close(rows);
    return status;
}

int handins_cancel(struct jobs *q, const struct handin *h, struct err *err)
{
    return jobs_cancel(q, h->job, err);
}

/* ---- settling ---- */

/* What came of a job. All texts are borrowed from result, or static. */
struct outcome {
    const char *verdict, *sentence;
    const char *step;
    uint64_t seed;
    bool not_built;
};

static const char *text_at(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

static struct outcome outcome_of(const json_t *result)
{
    const char *verdict = text_at(result, "verdict");
    bool known = strcmp(verdict, "passed") == 0 || strcmp(verdict, "failed") == 0;

    return (struct outcome){
        .verdict = known ? verdict : "not judged",
        .sentence = text_at(result, "sentence"),
        .step = text_at(result, "step"),
        .seed = (uint64_t)json_integer_value(json_object_get(result, "seed")),
        .not_built = json_is_false(json_object_get(json_object_get(result, "build"), "built")),
    };
}

static int note_progress(struct jobs *q, const struct handin *h, const struct outcome *o,
                         struct err *err)
{
    struct progress_key key = {.track = h->track,
                               .task = h->task,
                               .language = h->language,
                               .folder = "",
                               .person = h->person};
    struct progress_result r = {
        .verdict = strcmp(o->verdict, "passed") == 0 ? PROGRESS_PASSED
                   : o->not_built                    ? PROGRESS_NOT_BUILT
                                                     : PROGRESS_FAILED,
        .step = o->step,
        .seed = o->seed,
        .report = "",
    };
    bool judged = strcmp(o->verdict, "passed") == 0 || strcmp(o->verdict, "failed") == 0;

    if (h->kind != HANDIN_SUBMIT || !judged)
        return 0;
    if (h->judged_before)
        return progress_note_again(q->store, &key, r.verdict == PROGRESS_PASSED, h->put_ms / 1000,
                                   err);
    return progress_note(q->store, &key, &r, err);
}

/* 1: it is noted now; 0: somebody else was faster. */
static int note(struct jobs *q, const struct handin *h, int64_t over_ms, const struct outcome *o,
                struct err *err)
{
    struct store_value v[] = {store_integer(h->id), store_integer(over_ms), store_text(o->verdict),
                              store_text(o->sentence), store_integer(h->job)};
    int status = store_begin(q->store, err);
    int changed = 0;

    if (status < 0)
        return status;
    status = changed = store_do(q->store, "handin_settle", v, 5, err);
    if (status > 0)
        status = note_progress(q, h, o, err);
    status = jobs_end(q, status, err);
    return status < 0 ? status : changed;
}

static int settle_done(struct jobs *q, const struct handin *h, int64_t over_ms, struct err *err)
{
    struct buf text = {0};
    json_error_t error;
    struct outcome o;
    json_t *result;
    int status = jobs_result(q, h->job, &text, err);

    if (status == 1) {
        result = json_loadb(text.data, text.len, 0, &error);
        o = outcome_of(result);
        status = note(q, h, over_ms, &o, err);
        json_decref(result);
    }
    buf_release(&text);
    return status;
}

/* Of one whose job is over. */
static int settle(struct jobs *q, const struct handin *h, int64_t over_ms, struct err *err)
{
    struct outcome o = {.verdict = "cancelled", .sentence = "", .step = ""};
    struct job_view view;
    int status = jobs_view(q, h->job, &view, err);

    if (status != 1)
        return status;
    if (view.state == JOB_DONE)
        return settle_done(q, h, over_ms, err);
    if (view.state == JOB_NOT_JUDGED) {
        o.verdict = "not judged";
        o.sentence = view.why;
    } else if (view.state != JOB_CANCELLED) {
        return 0; /* it runs again: a database that was restored */
    }
    return note(q, h, over_ms, &o, err);
}

int handins_view(struct jobs *q, int64_t id, struct handin *ret_handin, struct err *err)
{
    struct handin h = {.id = 0};
    int64_t over_ms = 0;
    int status = look(q, id, &h, &over_ms, err);

    if (status == 1 && h.over_ms == 0 && over_ms != 0) {
        status = settle(q, &h, over_ms, err);
        handin_release(&h);
        if (status >= 0)
            status = look(q, id, &h, &over_ms, err);
    }
    if (status == 1)
        *ret_handin = h;
    return status;
}

static int find_open(struct jobs *q, int64_t *ids, uint32_t *ret_count, struct err *err)
{
    struct store_value limit = store_integer(SETTLE_CHUNK);
    struct store_rows *rows = NULL;
    int status = store_query(q->store, "handin_open", &limit, 1, &rows, err);

    *ret_count = 0;
    while (status == 0 && (status = store_next(rows, err)) == 1) {
        if (*ret_count < SETTLE_CHUNK)
            ids[(*ret_count)++] = store_row_integer(rows, 0);
        status = 0;
    }
    store_rows_close(rows);
    return status;
}

int handins_settle(struct jobs *q, struct err *err)
{
    int64_t ids[SETTLE_CHUNK];
    uint32_t count = 0, i;
    int settled = 0;
    int status = find_open(q, ids, &count, err);

    for (i = 0; i < count && status >= 0; i++) {
        struct handin h = {.id = 0};
        status = handins_view(q, ids[i], &h, err);
        settled += status == 1 && handin_is_over(&h);
        handin_release(&h);
    }
    return status < 0 ? status : settled;
}

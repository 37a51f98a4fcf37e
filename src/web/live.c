/* Each look at the queue costs the thread that answers everybody, so there are two kinds. The cheap
 * one, one row by its key, asks whether anything moved: state, attempt, place, number of events.
 * Only then is the whole told anew and are events read. (Hints of the queue were an alternative:
 * with many jobs at once each hint wakes everybody, and a look now and then is needed all the
 * same.)
 *
 * The order matters: `over` promises that all steps were told, so when the whole says that it is
 * over, the events are read after that, and a job that is over has all its events. */
#include "live.h"

#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../judge/jobs.h"
#include "request.h"
#include "response.h"

#include <string.h>

enum { LOOK_MS = 200, AWAY_MS = 500 };

struct watching {
    struct live live;
    uint32_t from;        /* the number of the next event */
    struct job_view seen; /* at the last look */
    bool looked;
    char *told; /* the last `state` */
    int64_t due_ms;
};

static int64_t now_ms(void)
{
    return clock_real_ns() / 1000000;
}

/* ---- words ---- */

/* Newlines would end the line; JSON of one line has none, and a judge that says otherwise is
 * quoted. */
static void add_data(struct buf *out, struct str text)
{
    size_t i;

    buf_add_text(out, "data: ");
    for (i = 0; i < text.len; i++)
        buf_add_char(out, text.data[i] == '\n' || text.data[i] == '\r' ? ' ' : text.data[i]);
    buf_add_text(out, "\n\n");
}

struct hearing {
    struct buf *out;
    uint32_t *from;
};

static void hear(void *owner, const struct job_event *event)
{
    struct hearing *h = owner;

    buf_addf(h->out, "id: %u\nevent: step\n", event->number + 1);
    add_data(h->out, event->text);
    *h->from = event->number + 1;
}

/* ---- looking ---- */

static bool moved(const struct watching *w, const struct job_view *now)
{
    return !w->looked || now->state != w->seen.state || now->attempt != w->seen.attempt ||
           now->place != w->seen.place || now->event_count != w->seen.event_count;
}

static int tell_steps(struct watching *w, struct buf *out, struct err *err)
{
    struct hearing h = {out, &w->from};
    struct job_view ignored;

    return jobs_watch(w->live.jobs, w->live.job, w->from, hear, &h, &ignored, err);
}

/* Where it is the same as last time, nothing is said. */
static void tell_state(struct watching *w, const struct buf *text, struct buf *out)
{
    if (w->told != NULL && strcmp(w->told, text->data) == 0)
        return;
    mem_free(w->told);
    w->told = mem_strdup(text->data);
    buf_add_text(out, "event: state\n");
    add_data(out, buf_str(text));
}

/* 1: it is over, and all was told. */
static int tell(struct watching *w, struct buf *out, struct err *err)
{
    struct buf text = {0};
    int over = w->live.tell(w->live.owner, false, &text, err);
    int status = over;

    if (over == 0)
        tell_state(w, &text, out);
    if (over >= 0)
        status = tell_steps(w, out, err);
    if (status >= 0 && over == 1) {
        buf_reset(&text);
        status = w->live.tell(w->live.owner, true, &text, err);
        if (status >= 0) {
            buf_addf(out, "id: %u\nevent: over\n", w->from + 1);
            add_data(out, buf_str(&text));
        }
    }
    buf_release(&text);
    return status < 0 ? status : over;
}

/* The queue is away: what was heard so far is told, and the rest when it is back. The way back must
 * not wait (store_be_brief). */
static int later(struct watching *w, const struct buf *out)
{
    w->looked = false;
    w->due_ms = now_ms() + AWAY_MS;
    return out->len > 0;
}

static int next(void *owner, struct buf *out)
{
    struct watching *w = owner;
    struct err err = {.text = ""};
    struct job_view view;
    int64_t now = now_ms();
    int status;

    if (now < w->due_ms)
        return 0;
    w->due_ms = now + LOOK_MS;
    if (jobs_reconnect(w->live.jobs, &err) < 0)
        return later(w, out);
    status = jobs_view(w->live.jobs, w->live.job, &view, &err);
    if (status == 0)
        return -1; /* it is gone from the database */
    if (status > 0 && !moved(w, &view))
        return 0;
    if (status > 0)
        status = tell(w, out, &err);
    if (status < 0)
        return later(w, out);
    w->seen = view;
    w->looked = true;
    return status == 1 ? -1 : out->len > 0;
}

static void free_watching(void *owner)
{
    struct watching *w = owner;

    if (w->live.free != NULL)
        w->live.free(w->live.owner);
    mem_free(w->told);
    mem_free(w);
}

/* What is no number is the beginning. */
static uint32_t resume_from(const struct request *q)
{
    int64_t id = 0;

    if (!str_to_i64(str_of(q->headers.last_event_id), &id) || id < 0 || id > JOB_EVENTS_MAX + 1)
        return 0;
    return (uint32_t)id;
}

void live_start(const struct live *l, const struct request *q, struct response *r)
{
    struct watching *w = mem_zalloc(sizeof(*w));

    w->live = *l;
    w->from = resume_from(q);
    r->status = 200;
    r->type = "text/event-stream";
    r->stream = (struct response_stream){next, free_watching, w};
}

/* /api/v1/submissions: what somebody hands in, how it stands, what came of it. Nothing is judged
 * here: a job goes into the queue, and workers have it. */
#include "api.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../course/track.h"
#include "../judge/handins.h"
#include "../judge/jobs.h"
#include "account_reply.h"
#include "handin_json.h"
#include "live.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- handing in ---- */

static bool read_kind(json_t *all, enum handin_kind *ret_kind, struct response *r)
{
    const char *kind = request_member(all, "kind");

    if (strcmp(kind, "run") != 0 && strcmp(kind, "submit") != 0) {
        response_problem(r, 400, "\"kind\" must be \"run\" or \"submit\".");
        return false;
    }
    *ret_kind = kind[0] == 'r' ? HANDIN_RUN : HANDIN_SUBMIT;
    return true;
}

/* What is left without "kind" is the text of a submission, whose own reader checks the rest. Seeds
 * are ours to choose. */
static bool read_submission(json_t *all, struct submission *s, struct response *r)
{
    struct err err = {.text = ""};
    char *text;
    int status;

    if (json_object_get(all, "seed") != NULL || json_object_get(all, "seeds") != NULL) {
        response_problem(r, 400, "A submission has no seeds of its own; leave them out.");
        return false;
    }
    json_object_del(all, "kind");
    text = json_dumps(all, JSON_COMPACT);
    status = submission_parse(str_of(text != NULL ? text : ""), s, &err);
    free(text);
    if (status < 0)
        response_problem(r, 400, err.text);
    return status == 0;
}

/* That there is such a task and language; the language gets its proper name ("py" is "python"). */
static bool check_words(const struct site *s, struct submission *sub, struct response *r)
{
    const struct site_track *st = site_track(s, str_of(sub->track));
    const struct language *language = NULL;
    const struct page *page = NULL;
    struct err err = {.text = ""};

    if (st == NULL || site_task(st, str_of(sub->task), &page) == NULL) {
        response_problem(r, 400, "There is no such task; GET /api/v1/tracks lists all of them.");
        return false;
    }
    if (languages_find(s->languages, sub->language, &language, &err) < 0) {
        response_problem(r, 400, err.text);
        return false;
    }
    mem_free(sub->language);
    sub->language = mem_strdup(language->name);
    return true;
}

static int say_put(const struct site *s, int64_t id, struct response *r, struct err *err)
{
    struct handin h = {.id = 0};
    char url[64];
    int status = handins_view(s->jobs, id, &h, err);

    if (status < 0)
        return status;
    snprintf(url, sizeof(url), "/submissions/%lld", (long long)id);
    response_json(
        r, json_pack("{s:I, s:i, s:s}", "id", (json_int_t)id, "place", (int)h.place, "url", url));
    r->status = 202;
    buf_add_text(&r->location, url);
    handin_release(&h);
    return 0;
}

static int put(const struct site *s, const struct handin_spec *spec, struct response *r,
               struct err *err)
{
    int64_t id = 0;
    int status = handins_put(s->jobs, spec, &id, err);

    if (status == ERR_FULL || status == ERR_INPUT) {
        response_problem(r, status == ERR_FULL ? 429 : 400, err->text);
        return 0;
    }
    return status < 0 ? status : say_put(s, id, r, err);
}

/* Each submission costs a worker seconds; a script that forgot to wait must not cost hours. */
static bool is_allowed(const struct site *s, const struct person *who, struct response *r)
{
    char key[32];

    snprintf(key, sizeof(key), "person %lld", (long long)who->id);
    return reply_is_allowed(s, THROTTLE_SUBMIT, str_of(key), r);
}

int api_submit(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct submission sub = {0};
    struct handin_spec spec = {.person = q->person->id, .submission = &sub};
    json_t *all;
    int status = 0;

    if (!handin_is_open(s, r) || !is_allowed(s, q->person, r) ||
        (all = request_object(q, r)) == NULL)
        return 0;
    if (read_kind(all, &spec.kind, r) && read_submission(all, &sub, r) && check_words(s, &sub, r))
        status = put(s, &spec, r, err);
    submission_release(&sub);
    json_decref(all);
    return status;
}

/* ---- looking ---- */

static void add_handin(void *owner, const struct handin *h)
{
    json_array_append_new(owner, handin_json(h));
}

int api_submissions(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    json_t *list = json_array();
    int status = 0;

    if (s->jobs != NULL)
        status = handins_list(s->jobs, q->person->id, request_value(q, "track"),
                              request_value(q, "task"), add_handin, list, err);
    if (status == 0)
        response_json(r, json_pack("{s:O}", "submissions", list));
    json_decref(list);
    return status;
}

static int say_whole(const struct site *s, const struct handin *h, struct response *r,
                     struct err *err)
{
    json_t *all = handin_json(h);
    int status = handin_json_result(s->jobs, h, all, err);

    if (status == 0)
        status = handin_json_files(s->jobs, h, all, err);
    if (status == 0)
        response_json(r, json_incref(all));
    json_decref(all);
    return status;
}

int api_submission(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    struct handin h;
    int status = handin_for(s, q, q->words[0], &h, r, err);

    if (status != 1)
        return status;
    status = say_whole(s, &h, r, err);
    handin_release(&h);
    return status;
}

/* Only one's own: a teacher may look, but not take it out of the queue. */
int api_cancel(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct handin h, now;
    int status = handin_for(s, q, q->words[0], &h, r, err);

    if (status != 1)
        return status;
    if (h.person != q->person->id && q->person->role < ROLE_ADMIN) {
        response_problem(r, 403, "Only who handed it in may take it back.");
        handin_release(&h);
        return 0;
    }
    status = handins_cancel(s->jobs, &h, err);
    if (status >= 0)
        status = handins_view(s->jobs, h.id, &now, err);
    if (status == 1) {
        status = say_whole(s, &now, r, err);
        handin_release(&now);
    }
    handin_release(&h);
    return status;
}

/* ---- as it goes on ---- */

struct watched {
    struct jobs *jobs;
    int64_t id;
};

static int tell(void *owner, bool whole, struct buf *out, struct err *err)
{
    const struct watched *w = owner;
    struct handin h = {.id = 0};
    json_t *all;
    char *text;
    int status = handins_view(w->jobs, w->id, &h, err);

    if (status != 1)
        return status < 0 ? status : err_set(err, ERR_INPUT, "it is gone");
    all = handin_json(&h);
    if (whole)
        status = handin_json_result(w->jobs, &h, all, err);
    else
        json_object_set_new(all, "result", json_null());
    text = json_dumps(all, JSON_COMPACT);
    buf_add_text(out, text != NULL ? text : "{}");
    free(text);
    json_decref(all);
    if (status >= 0)
        status = handin_is_over(&h);
    handin_release(&h);
    return status;
}

int api_submission_events(const struct site *s, const struct request *q, struct response *r,
                          struct err *err)
{
    struct live live = {.jobs = s->jobs, .tell = tell, .free = mem_free};
    struct watched *w;
    struct handin h;
    int status = handin_for(s, q, q->words[0], &h, r, err);

    if (status != 1)
        return status;
    w = mem_alloc(sizeof(*w));
    *w = (struct watched){s->jobs, h.id};
    live.job = h.job;
    live.owner = w;
    live_start(&live, q, r);
    handin_release(&h);
    return 0;
}

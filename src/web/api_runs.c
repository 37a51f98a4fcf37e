/* /api/v1/runs: the playground's runs. A run is found by an address that nobody can guess, so
 * whoever has it may see everything of it; only who asked for it may take it back. */
#include "api.h"

#include "../accounts/person.h"
#include "../accounts/throttle.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../judge/play.h"
#include "account_reply.h"
#include "handin_json.h"
#include "live.h"
#include "request.h"
#include "response.h"
#include "run_json.h"
#include "site.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- asking for one ---- */

/* A run costs a worker as much as a submission, so both count together. */
static bool may_ask(const struct site *s, const struct request *q, struct response *r)
{
    char key[32];

    if (s->throttle == NULL)
        return true;
    snprintf(key, sizeof(key), "person %lld", (long long)q->person->id);
    return reply_is_allowed(s, THROTTLE_SUBMIT, str_of(key), r);
}

/* The language gets its proper name ("py" is "python"): workers are asked for that. */
static bool read_play(const struct site *s, const struct request *q, struct play *p,
                      struct response *r)
{
    const struct language *language = NULL;
    struct err err = {.text = ""};
    json_t *object = request_object(q, r); /* a body that is none is refused as everywhere */
    int status;

    if (object == NULL)
        return false;
    json_decref(object);
    status = play_parse(q->body, p, &err);

    if (status == 0)
        status = languages_find(s->languages, p->program.language, &language, &err);
    if (status < 0) {
        response_problem(r, 400, err.text);
        return false;
    }
    mem_free(p->program.language);
    p->program.language = mem_strdup(language->name);
    return true;
}

static int say_put(const struct site *s, const char *address, struct response *r, struct err *err)
{
    struct run_found found = {.job = 0};
    char url[64];
    int status = run_find(s, str_of(address), &found, err);

    if (status < 0)
        return status;
    snprintf(url, sizeof(url), "/runs/%s", address);
    response_json(
        r, json_pack("{s:s, s:i, s:s}", "id", address, "place", (int)found.view.place, "url", url));
    r->status = 202;
    buf_add_text(&r->location, url);
    run_release(&found);
    return 0;
}

int api_run_put(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    char address[PLAYS_ADDRESS_LEN + 1], learner[32];
    struct play p = {0};
    struct plays_wish wish = {.person = q->person->id, .learner = learner, .play = &p};
    int status;

    if (!handin_is_open(s, r) || !may_ask(s, q, r) || !read_play(s, q, &p, r)) {
        play_release(&p);
        return 0;
    }
    snprintf(learner, sizeof(learner), "person %lld", (long long)q->person->id);
    status = plays_put(s->store, s->jobs, &wish, address, err);
    if (status == ERR_FULL || status == ERR_INPUT) {
        response_problem(r, status == ERR_FULL ? 429 : 400, err->text);
        status = 0;
    } else if (status == 0) {
        status = say_put(s, address, r, err);
    }
    play_release(&p);
    return status;
}

/* ---- looking ---- */

/* 1 and the run; 0: r says that there is none. */
static int find(const struct site *s, const struct request *q, struct run_found *ret_run,
                struct response *r, struct err *err)
{
    int status = run_find(s, q->words[0], ret_run, err);

    if (status == 0)
        response_problem(r, 404,
                         "There is no run at this address; look whether all of it was copied.");
    return status;
}

int api_run(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct run_found found;
    int status = find(s, q, &found, r, err);

    if (status != 1)
        return status;
    response_json(r, run_json(&found, true));
    run_release(&found);
    return 0;
}

int api_run_cancel(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    struct run_found found;
    int status = find(s, q, &found, r, err);

    if (status != 1)
        return status;
    if (found.person != q->person->id && q->person->role < ROLE_ADMIN) {
        response_problem(r, 403, "Only who asked for the run may take it back.");
        run_release(&found);
        return 0;
    }
    status = jobs_cancel(s->jobs, found.job, err);
    if (status >= 0)
        status = run_look(s, &found, err);
    if (status == 0)
        response_json(r, run_json(&found, true));
    run_release(&found);
    return status;
}

int api_run_report(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    struct run_found found;
    int status = find(s, q, &found, r, err);

    if (status != 1)
        return status;
    status = jobs_file(s->jobs, found.job, "report.html", response_html(r, 200), err);
    r->csp = RESPONSE_CSP_REPORT;
    if (status == 0) {
        r->csp = NULL;
        response_problem(r, 404,
                         "There is no report: nothing ran, or it was so long ago that it was "
                         "removed. Have it run again to have one.");
    }
    run_release(&found);
    return status < 0 ? status : 0;
}

/* ---- as it goes on ---- */

struct watched {
    const struct site *site;
    char address[PLAYS_ADDRESS_LEN + 1];
};

static int tell(void *owner, bool whole, struct buf *out, struct err *err)
{
    const struct watched *w = owner;
    struct run_found found;
    json_t *all;
    char *text;
    int status = run_find(w->site, str_of(w->address), &found, err);

    if (status != 1)
        return status < 0 ? status : err_set(err, ERR_INPUT, "it is gone");
    all = run_json(&found, false);
    if (!whole)
        json_object_set_new(all, "result", json_null());
    text = json_dumps(all, JSON_COMPACT);
    buf_add_text(out, text != NULL ? text : "{}");
    free(text);
    json_decref(all);
    status = run_is_over(&found);
    run_release(&found);
    return status;
}

int api_run_events(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    struct live live = {.jobs = s->jobs, .tell = tell, .free = mem_free};
    struct run_found found;
    struct watched *w;
    int status = find(s, q, &found, r, err);

    if (status != 1)
        return status;
    w = mem_zalloc(sizeof(*w));
    w->site = s;
    memcpy(w->address, found.address, sizeof(w->address));
    live.job = found.job;
    live.owner = w;
    live_start(&live, q, r);
    run_release(&found);
    return 0;
}

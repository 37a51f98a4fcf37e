#include "run_json.h"

#include "../base/err.h"
#include "../judge/play_table.h"
#include "site.h"

#include <string.h>

bool run_is_over(const struct run_found *r)
{
    return r->view.state != JOB_QUEUED && r->view.state != JOB_RUNNING;
}

const char *run_state(const struct run_found *r)
{
    static const char *const words[] = {"queued", "running", "done", "cancelled", "not judged"};

    return words[r->view.state];
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

const char *run_verdict(const struct run_found *r)
{
    return r->view.state == JOB_NOT_JUDGED ? "not judged" : text_of(r->result, "verdict");
}

const char *run_sentence(const struct run_found *r)
{
    return r->view.state == JOB_NOT_JUDGED ? r->view.why : text_of(r->result, "sentence");
}

/* ---- finding ---- */

static json_t *load(const struct buf *text)
{
    json_error_t error;

    return json_loadb(text->data != NULL ? text->data : "", text->len, 0, &error);
}

int run_look(const struct site *s, struct run_found *r, struct err *err)
{
    struct buf text = {0};
    int status = jobs_view(s->jobs, r->job, &r->view, err);

    if (status == 1 && r->view.state == JOB_DONE && r->result == NULL) {
        status = jobs_result(s->jobs, r->job, &text, err);
        if (status == 1)
            r->result = load(&text);
    }
    buf_release(&text);
    return status < 0 ? status : 0;
}

int run_find(const struct site *s, struct str address, struct run_found *ret_run, struct err *err)
{
    struct plays_found found = {0};
    struct run_found r = {.job = 0};
    int status =
        s->jobs != NULL && s->store != NULL ? plays_find(s->store, address, &found, err) : 0;

    if (status != 1)
        return status;
    memcpy(r.address, address.data, PLAYS_ADDRESS_LEN);
    r.job = found.job;
    r.person = found.person;
    r.has_report = found.has_report;
    r.asked = load(&found.payload);
    buf_release(&found.payload);
    status = run_look(s, &r, err);
    if (status < 0) {
        run_release(&r);
        return status;
    }
    *ret_run = r;
    return 1;
}

void run_release(struct run_found *r)
{
    json_decref(r->asked);
    json_decref(r->result);
    r->asked = r->result = NULL;
}

/* ---- saying ---- */

/* With what holds where nothing was said. */
static json_t *options_json(const struct run_found *r)
{
    const json_t *said = json_object_get(r->asked, "options");
    json_t *all = json_object();
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        const struct play_option *o = &play_options[i];
        const char *value = text_of(said, o->name);
        if (play_option_is_for(o, text_of(r->asked, "workload")))
            json_object_set_new(all, o->name, json_string(value[0] != '\0' ? value : o->initial));
    }
    return all;
}

static json_t *member(const json_t *of, const char *name)
{
    json_t *value = json_object_get(of, name);

    return value != NULL ? json_incref(value) : json_null();
}

json_t *run_json(const struct run_found *r, bool whole)
{
    const char *verdict = run_verdict(r);
    json_t *sentence = json_string(run_sentence(r));
    json_t *all =
        json_pack("{s:s, s:s, s:o, s:s, s:s, s:i, s:I, s:I, s:o, s:o, s:b, s:o}", "id", r->address,
                  "workload", text_of(r->asked, "workload"), "options", options_json(r), "language",
                  text_of(r->asked, "language"), "state", run_state(r), "place", (int)r->view.place,
                  "put_ms", (json_int_t)r->view.put_ms, "over_ms", (json_int_t)r->view.over_ms,
                  "verdict", verdict[0] != '\0' ? json_string(verdict) : json_null(), "sentence",
                  sentence != NULL ? sentence : json_string(""), "report", (int)r->has_report,
                  "result", r->result != NULL ? json_incref(r->result) : json_null());

    if (whole)
        json_object_set_new(all, "files", member(r->asked, "files"));
    return all;
}

/* run_json.h - a run of the playground: found by its address, and as the API says it. */
#ifndef WEB_RUN_JSON_H
#define WEB_RUN_JSON_H

#include "../judge/jobs.h"
#include "../judge/plays.h"

#include <jansson.h>
#include <stdbool.h>

struct err;
struct site;

struct run_found {
    char address[PLAYS_ADDRESS_LEN + 1];
    int64_t job, person;
    struct job_view view;
    json_t *asked;  /* what was asked for: play_text() */
    json_t *result; /* what the judge wrote; NULL: not over, or never judged */
    bool has_report;
};

/* 1 and a run (run_release); 0: there is none. */
int run_find(const struct site *s, struct str address, struct run_found *ret_run, struct err *err);
void run_release(struct run_found *r); /* all zero is fine */
/* Looks again how it stands. */
int run_look(const struct site *s, struct run_found *r, struct err *err);

bool run_is_over(const struct run_found *r);
const char *run_state(const struct run_found *r);   /* "queued", ... */
const char *run_verdict(const struct run_found *r); /* "passed", "failed", "not judged"; "": none */
const char *run_sentence(const struct run_found *r); /* why; "" */

/* {"id", "workload", "options", "language", "state", "place", "put_ms", "over_ms", "verdict",
 * "sentence", "report", "result"}; whole: and "files". The caller's. */
json_t *run_json(const struct run_found *r, bool whole);

#endif

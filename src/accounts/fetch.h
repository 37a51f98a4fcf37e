/* fetch.h - one question to a provider over HTTP, by libcurl: bounded in size and in time.
 *
 * https only; http only to this machine, for tests. No redirects are followed, no cookies kept;
 * certificates are checked against the system's. From any thread. */
#ifndef ACCOUNTS_FETCH_H
#define ACCOUNTS_FETCH_H

#include "../base/str.h"

#include <jansson.h>

struct err;

enum { FETCH_ANSWER_MAX = 256 << 10, FETCH_MS = 8000, FETCH_URL_MAX = 2000 };

struct fetch {
    const char *url;
    const char *form;            /* NULL: GET; else POST of application/x-www-form-urlencoded */
    const char *user, *password; /* for Basic, as they are; NULL: none */
    int64_t patience_ms;         /* for all of it; 0: FETCH_MS */
};

bool fetch_may(const char *url); /* an address that one may ask at all */
/* The answer as a JSON object, with status 200; the caller's. ERR_AWAY: it does not answer, or too
 * slowly; ERR_INPUT: it answers with something else, or too much. */
int fetch_json(const struct fetch *f, json_t **ret_object, struct err *err);
/* Appends text as a value of a form or a query: all but letters, digits and -._~ as %XX. */
void fetch_escape(struct str text, struct buf *out);

#endif

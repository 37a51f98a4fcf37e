/* routes.h - every address of the server, in one table, and how a request finds its handler.
 *
 * Reads no socket: a request in, a response out; so tests walk the table without a server. Who may
 * do what is said in the table and nowhere else: a handler is not called for one who may not. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include "../accounts/person.h"

#include <stdbool.h>

struct err;
struct request;
struct response;
struct site;

struct route {
    const char *method; /* "GET" stands for HEAD, too */
    const char *path;   /* a word with ":" stands for any one word */
    int (*handler)(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
    enum role least;   /* who may: ROLE_NOBODY: everybody, also who has not signed in */
    uint32_t body_max; /* bytes of a body; 0: there must be none */
};

extern const struct route routes[]; /* ends with method NULL */

/* What is known before the body is read: the route, that the request is one's own (request_is_own)
 * if it changes something, who asks, and that it is he for whom the page was made that asks
 * (request_is_of_its_page). Fills q->words, and q->person from *into. NULL: r says why not: 303 to
 * /sign-in, 401, 403, 404, 405 with the methods that there are, 412, or 500 and up with a sentence
 * for the log in err. q->body.len is what is announced, or 0. */
const struct route *routes_admit(const struct site *s, struct request *q, struct person *into,
                                 struct response *r, struct err *err);

/* Of a request that was admitted and is whole. Fills r in every case; negative and a sentence for
 * the log if it is 500 or 503: the asker is told no more than that. */
int routes_call(const struct route *route, const struct site *s, const struct request *q,
                struct response *r, struct err *err);

/* Both, one after the other. */
int routes_answer(const struct site *s, struct request *q, struct response *r, struct err *err);

/* What a handler's negative status becomes: 503 if the database is away, else 500. */
void routes_fail(const struct site *s, const char *path, int status, struct response *r);
/* An error as the asker wants it: problem+json below /api/, else a page. */
void routes_error(const struct site *s, const char *path, unsigned status, const char *detail,
                  struct response *r);

#endif

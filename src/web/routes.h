/* routes.h - every address of the server, in one table, and how a request finds its handler.
 *
 * Reads no socket: a request in, a response out; so tests walk the table without a server. */
#ifndef WEB_ROUTES_H
#define WEB_ROUTES_H

#include <stddef.h>

struct err;
struct request;
struct response;
struct site;

struct route {
    const char *method; /* "GET" stands for HEAD, too */
    const char *path;   /* a word with ":" stands for any one word */
    int (*handler)(const struct site *s, const struct request *q, struct response *r,
                   struct err *err);
};

extern const struct route routes[]; /* ends with method NULL */

/* Fills r in every case: with what the handler says, or 404, 405 with the methods that there are,
 * or 500. Negative and a sentence for the log if it was 500; the asker is told no more than that.
 */
int routes_answer(const struct site *s, struct request *q, struct response *r, struct err *err);
/* An error as the asker wants it: problem+json below /api/, else a page. */
void routes_error(const struct site *s, const char *path, unsigned status, const char *detail,
                  struct response *r);

#endif

/* response.h - what the server is asked, and what it says; the same for pages, API and files.
 *
 * Handlers fill a response and know nothing of sockets, so tests call them without a server.
 * A body is HTML, JSON or the bytes of a file; errors of the API are problem+json (RFC 9457), those
 * of pages are pages (page_error() in pages.h). */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include "../base/str.h"

#include <jansson.h>

enum { REQUEST_WORDS_MAX = 4 };

struct request {
    const char *method;
    const char *path;
    struct str words[REQUEST_WORDS_MAX]; /* what stands for the :words of the route */
    const char *query;                   /* the value of q, decoded; "" if there is none */
    const char *language;                /* likewise of language */
};

struct response {
    unsigned status;
    const char *type;     /* of the body */
    const char *location; /* NULL, or where it is to be found; static */
    const char *allow;    /* NULL, or the methods that there are; static */
    bool immutable;       /* the name has the content's hash: it may be kept for ever */
    struct buf body;
    struct str borrowed; /* data not NULL: this, which outlives the server, instead of body */
    struct str zipped;   /* the same with gzip, or data NULL */
};

/* Each also sets the status and the type. */
struct buf *response_html(struct response *r, unsigned status);
void response_json(struct response *r, json_t *value); /* 200; takes value */
/* The problem's title is the status in words; detail says what and what to do. */
void response_problem(struct response *r, unsigned status, const char *detail);
void response_release(struct response *r);

/* What comes back to the caller as the word of a status: "Not Found". */
const char *response_reason(unsigned status);

#endif

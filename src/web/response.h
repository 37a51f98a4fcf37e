/* response.h - what the server says; the same for pages, API and files.
 *
 * Handlers fill a response and know nothing of sockets, so tests call them without a server.
 * A body is HTML, JSON or the bytes of a file; errors of the API are problem+json (RFC 9457), those
 * of pages are pages (page_error() in pages.h). Two answers are not there at once: a stream, which
 * is told as it happens, and one that somebody must first work for (later). */
#ifndef WEB_RESPONSE_H
#define WEB_RESPONSE_H

#include "../base/str.h"

#include <jansson.h>

struct err;
struct person;
struct response;
struct site;

enum { RESPONSE_ALLOW_MAX = 64 };

/* The policy of pages that a program wrote: their own script and style may run, in a place of no
 * origin, from where nothing of this server is to be reached. */
#define RESPONSE_CSP_REPORT                                                                        \
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "                      \
    "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "                  \
    "form-action 'none'; frame-ancestors 'self'"

/* Events for one who watches (text/event-stream). The server asks again ten times a second while
 * there is room for more, so that who reads slowly holds up nobody and costs no memory. */
struct response_stream {
    /* In the server's thread. 1: something was appended to out; 0: nothing now, ask again soon;
     * -1: it is over (what was appended is still sent). NULL: the response is no stream. */
    int (*next)(void *owner, struct buf *out);
    void (*free)(void *owner); /* always called, once */
    void *owner;
};

/* What takes longer than a reader should wait: work() runs in a thread of its own and touches
 * nothing but owner; then answer() fills a new response, in the server's thread. */
struct response_later {
    void (*work)(void *owner); /* NULL: the response is there at once */
    int (*answer)(void *owner, const struct site *s, struct response *r, struct err *err);
    void (*free)(void *owner); /* always called, once */
    void *owner;
};

struct response {
    unsigned status;
    const struct person *who;       /* who asks, for the menu of a page that says no; or NULL */
    const char *type;               /* of the body */
    char allow[RESPONSE_ALLOW_MAX]; /* the methods that there are; "": not told */
    bool immutable;                 /* the name has the content's hash: it may be kept for ever */
    const char *csp;                /* static; NULL: the strict one of all pages */
    uint32_t retry_after_s;         /* 0, or when it may be worth asking again */
    struct buf location;            /* empty, or where it is to be found */
    struct buf set_cookie;          /* empty, or of response_cookie() */
    struct buf disposition;         /* empty, or of response_download() */
    struct buf body;
    struct buf file;     /* not empty: the path of a file that is sent instead of body */
    struct str borrowed; /* data not NULL: this, which outlives the server, instead of body */
    struct str zipped;   /* the same with gzip, or data NULL */
    struct response_stream stream;
    struct response_later later;
};

/* Each also sets the status and the type. */
struct buf *response_html(struct response *r, unsigned status);
void response_json(struct response *r, json_t *value); /* 200; takes value */
/* The problem's title is the status in words; detail says what and what to do. */
void response_problem(struct response *r, unsigned status, const char *detail);
/* The same with further members; takes more, an object. */
void response_problem_with(struct response *r, unsigned status, const char *detail, json_t *more);
void response_redirect(struct response *r, const char *url); /* 303, with GET */

/* The body is a file to be kept under this name; characters that a name should not have become
 * "_". */
void response_download(struct response *r, const char *name);

struct response_cookie {
    const char *name, *value; /* of letters, digits and -_.~ only; value "": it is taken away */
    int64_t max_age_s;        /* 0: until the browser ends */
    bool secure;              /* the browser came over TLS */
};
/* HttpOnly, SameSite=Lax, Path=/. */
void response_cookie(struct response *r, const struct response_cookie *c);

/* Also frees the owners of stream and later. */
void response_release(struct response *r);

/* What comes back to the caller as the word of a status: "Not Found". */
const char *response_reason(unsigned status);

#endif

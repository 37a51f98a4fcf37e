/* request.h - what the server is asked.
 *
 * Texts are borrowed for as long as the handler runs; none is NULL. Handlers believe nothing of a
 * body: it is at most as long as the route allows, and no more is known of it. */
#ifndef WEB_REQUEST_H
#define WEB_REQUEST_H

#include "../base/str.h"

#include <jansson.h>

struct person;
struct response;

enum {
    REQUEST_WORDS_MAX = 4,
    REQUEST_VALUES_MAX = 32,   /* of a query; more are not seen */
    REQUEST_VALUE_MAX = 2048,  /* bytes of one, decoded; a longer one is "" */
    REQUEST_SESSION_MAX = 200, /* bytes of the cookie's value; a longer one is "" */
    REQUEST_ADDRESS_MAX = 64,
};

/* The cookie that says who asks. */
#define REQUEST_COOKIE "eddy_session"

/* Of a query, decoded. All zero has none. */
struct request_values {
    struct {
        char *name, *text;
    } list[REQUEST_VALUES_MAX];
    uint32_t count;
};

/* As they came; "" if there is none. */
struct request_headers {
    const char *host, *origin, *fetch_site, *x_eddy, *content_type, *last_event_id;
    const char *x_eddy_person; /* the id of whom the page that asks was made for */
    const char *cookie;        /* all cookies, as they came */
    const char *session;       /* the value of REQUEST_COOKIE */
    const char *address;       /* of the peer, as text, without a port */
};

struct request {
    const char *method;
    const char *path;
    struct str words[REQUEST_WORDS_MAX]; /* what stands for the :words of the route */
    struct str body;                     /* whole; at most the route's body_max */
    const struct person *person; /* who asks; never NULL without accounts (the local person, id 0);
                                    NULL: nobody has signed in */
    struct request_headers headers;
    const struct request_values *values; /* NULL: none */
};

/* Of the query, decoded; "" if absent, or no text. Of two with one name the first. */
const char *request_value(const struct request *q, const char *name);

/* Adds one as it came ("a%20b"), copied; what is no text or too long becomes "". */
void request_values_add(struct request_values *v, const char *name, const char *raw);
void request_values_release(struct request_values *v);

/* The value of a cookie in the text of a header; data NULL if it is not there. */
struct str request_cookie(const char *header, const char *name);

/* The body as a JSON object, to be given back with json_decref(); or NULL, and r is a 400 that says
 * what is wrong. No key stands twice, no text has a zero byte. */
json_t *request_object(const struct request *q, struct response *r);
/* The text of a member; "" if there is none, or it is no text. */
const char *request_member(const json_t *object, const char *name);

/* True if the request comes from a page of this server, or from a program that says so: it has the
 * header X-Eddy, which no form of another site can send, and neither Origin nor Sec-Fetch-Site
 * names another place. Asked for whatever changes something. */
bool request_is_own(const struct request *q);

/* True unless the request comes from a page that was made for somebody else than q->person, who is
 * signed in by now: an old window of a browser that several people use. */
bool request_is_of_its_page(const struct request *q);

#endif

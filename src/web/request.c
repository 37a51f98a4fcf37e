/* Who wants to change something must show that he means it. A browser sends the cookies of this
 * server with whatever any page of the world makes it ask for, so the cookie alone proves nothing.
 * But a page of another site cannot add a header of its own name without asking this server first
 * (CORS preflight), which has no route for that question; and browsers say truly where a request
 * comes from, in Origin and Sec-Fetch-Site. All three are looked at, since each of them alone was
 * forged somewhere once. Programs such as curl send X-Eddy: 1 and neither of the others.
 *
 * A cookie belongs to the browser, not to a window of it: where one person signs out and another
 * in, windows that were left open go on asking with the cookie of the other one. So pages say for
 * whom they were made (X-Eddy-Person), and who is signed in must be that one. */
#include "request.h"

#include "../accounts/person.h"
#include "../base/err.h"
#include "../base/json.h"
#include "../base/json_scan.h"
#include "../base/mem.h"
#include "response.h"
#include "url.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- the query ---- */

const char *request_value(const struct request *q, const char *name)
{
    uint32_t i;

    for (i = 0; q->values != NULL && i < q->values->count; i++)
        if (strcmp(q->values->list[i].name, name) == 0)
            return q->values->list[i].text;
    return "";
}

static bool is_utf8(const struct buf *text)
{
    const char *at = text->data, *end = text->data + text->len;
    size_t len = 1;

    for (; at < end && len > 0; at += len)
        len = json_utf8_len(at, end);
    return len > 0;
}

static char *decoded(const char *raw)
{
    struct buf text = {0};

    buf_add_text(&text, "");
    if (!url_decode(str_of(raw), &text) || text.len > REQUEST_VALUE_MAX || !is_utf8(&text))
        buf_reset(&text);
    return buf_take(&text);
}

void request_values_add(struct request_values *v, const char *name, const char *raw)
{
    if (v->count == REQUEST_VALUES_MAX)
        return;
    v->list[v->count].name = mem_strdup(name);
    v->list[v->count].text = decoded(raw);
    v->count++;
}

void request_values_release(struct request_values *v)
{
    uint32_t i;

    for (i = 0; i < v->count; i++) {
        mem_free(v->list[i].name);
        mem_free(v->list[i].text);
    }
    v->count = 0;
}

/* ---- headers ---- */

struct str request_cookie(const char *header, const char *name)
{
    size_t name_len = strlen(name);
    const char *at = header;

    while (*at != '\0') {
        size_t len;
        at += strspn(at, "; ");
        len = strcspn(at, ";");
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=')
            return (struct str){at + name_len + 1, len - name_len - 1};
        at += len;
    }
    return (struct str){NULL, 0};
}

/* "http://HOST" or "https://HOST", where HOST is what the request was sent to. A proxy in front
 * speaks https with the browser and http with us, so the scheme says nothing. */
static bool is_own_origin(const char *origin, const char *host)
{
    const char *at = strstr(origin, "://");

    return at != NULL && host[0] != '\0' && strcasecmp(at + 3, host) == 0;
}

bool request_is_own(const struct request *q)
{
    const struct request_headers *h = &q->headers;

    if (strcmp(h->x_eddy, "1") != 0)
        return false;
    if (h->origin[0] != '\0' && !is_own_origin(h->origin, h->host))
        return false;
    return h->fetch_site[0] == '\0' || strcmp(h->fetch_site, "same-origin") == 0;
}

bool request_is_of_its_page(const struct request *q)
{
    char id[24];

    if (q->headers.x_eddy_person[0] == '\0' || q->person == NULL)
        return true;
    snprintf(id, sizeof(id), "%" PRId64, q->person->id);
    return strcmp(q->headers.x_eddy_person, id) == 0;
}

/* ---- the body ---- */

/* The grammar is checked by a reader that does not recurse, before jansson sees the text. */
static bool is_json(struct str text, struct err *err)
{
    struct json_reader reader;
    enum json_kind kind;

    json_reader_init(&reader, text);
    while ((kind = json_next(&reader)) != JSON_AT_END)
        if (kind == JSON_AT_ERROR) {
            json_explain(&reader, err);
            return false;
        }
    return true;
}

json_t *request_object(const struct request *q, struct response *r)
{
    struct err err = {.text = ""};
    json_error_t error;
    json_t *all;

    if (q->body.len == 0) {
        response_problem(r, 400, "The request needs a body: a JSON object.");
        return NULL;
    }
    if (!is_json(q->body, &err)) {
        err_wrap(&err, "The body is no JSON");
        response_problem(r, 400, err.text);
        return NULL;
    }
    all = json_loadb(q->body.data, q->body.len, JSON_REJECT_DUPLICATES, &error);
    if (json_is_object(all))
        return all;
    json_decref(all);
    response_problem(r, 400,
                     "The body must be a JSON object in which no key stands twice and no text has "
                     "a zero byte.");
    return NULL;
}

const char *request_member(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text != NULL ? text : "";
}

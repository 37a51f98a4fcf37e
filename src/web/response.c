#include "response.h"

#include "../base/assert.h"
#include "../base/json_scan.h"

#include <stdlib.h>
#include <string.h>

struct buf *response_html(struct response *r, unsigned status)
{
    r->status = status;
    r->type = "text/html; charset=utf-8";
    buf_reset(&r->body);
    return &r->body;
}

static void set_json(struct response *r, unsigned status, const char *type, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT);

    r->status = status;
    r->type = type;
    buf_reset(&r->body);
    buf_add_text(&r->body, text != NULL ? text : "null");
    buf_add_char(&r->body, '\n');
    free(text);
    json_decref(value);
}

void response_json(struct response *r, json_t *value)
{
    set_json(r, 200, "application/json", value);
}

static const struct {
    unsigned status;
    const char *words;
} reasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {303, "See Other"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {503, "Service Unavailable"},
};

const char *response_reason(unsigned status)
{
    size_t i;

    for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].words;
    return "Internal Server Error";
}

void response_problem(struct response *r, unsigned status, const char *detail)
{
    response_problem_with(r, status, detail, NULL);
}

/* A sentence may quote a stranger's bytes; those that are no text become "?". */
static void add_text_of(const char *text, struct buf *out)
{
    const char *end = text + strlen(text);

    buf_add_text(out, "");
    while (text < end) {
        size_t len = json_utf8_len(text, end);
        if (len == 0)
            buf_add_char(out, '?');
        else
            buf_add(out, text, len);
        text += len == 0 ? 1 : len;
    }
}

void response_problem_with(struct response *r, unsigned status, const char *detail, json_t *more)
{
    struct buf text = {0};
    json_t *problem;

    add_text_of(detail, &text);
    problem = json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
                        response_reason(status), "status", (int)status, "detail", text.data);
    buf_release(&text);

    if (more != NULL)
        json_object_update_missing(problem, more);
    json_decref(more);
    set_json(r, status, "application/problem+json", problem);
}

void response_redirect(struct response *r, const char *url)
{
    r->status = 303;
    r->type = "text/plain; charset=utf-8";
    buf_reset(&r->body);
    buf_reset(&r->location);
    buf_add_text(&r->location, url);
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-_.~", c) != NULL);
}

static bool all_plain(const char *text)
{
    while (is_plain(*text))
        text++;
    return *text == '\0';
}

void response_download(struct response *r, const char *name)
{
    buf_reset(&r->disposition);
    buf_add_text(&r->disposition, "attachment; filename=\"");
    for (; *name != '\0'; name++)
        buf_add_char(&r->disposition, is_plain(*name) ? *name : '_');
    buf_add_char(&r->disposition, '"');
}

void response_cookie(struct response *r, const struct response_cookie *c)
{
    bool gone = c->value[0] == '\0';

    ASSERT(all_plain(c->name) && all_plain(c->value));
    buf_reset(&r->set_cookie);
    buf_addf(&r->set_cookie, "%s=%s; Path=/; HttpOnly; SameSite=Lax", c->name, c->value);
    if (gone || c->max_age_s > 0)
        buf_addf(&r->set_cookie, "; Max-Age=%lld", gone ? 0LL : (long long)c->max_age_s);
    if (c->secure)
        buf_add_text(&r->set_cookie, "; Secure");
}

void response_release(struct response *r)
{
    if (r->stream.next != NULL && r->stream.free != NULL)
        r->stream.free(r->stream.owner);
    if (r->later.work != NULL && r->later.free != NULL)
        r->later.free(r->later.owner);
    r->stream = (struct response_stream){NULL, NULL, NULL};
    r->later = (struct response_later){NULL, NULL, NULL, NULL};
    buf_release(&r->location);
    buf_release(&r->set_cookie);
    buf_release(&r->disposition);
    buf_release(&r->file);
    buf_release(&r->body);
}

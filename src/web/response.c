#include "response.h"

#include <stdlib.h>

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

const char *response_reason(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    case 421:
        return "Misdirected Request";
    default:
        return "Internal Server Error";
    }
}

void response_problem(struct response *r, unsigned status, const char *detail)
{
    set_json(r, status, "application/problem+json",
             json_pack("{s:s, s:s, s:i, s:s}", "type", "about:blank", "title",
                       response_reason(status), "status", (int)status, "detail", detail));
}

void response_release(struct response *r)
{
    buf_release(&r->body);
}

/* rest.c - the protocol "http": the data of kv.c over HTTP/1.1 with JSON.
 *
 *     GET /kv/KEY  200 {"value": base64}   PUT /kv/KEY {"value": base64}  204   GET /slow/MS  200
 *
 * Answers leave in the order of the requests, which is all that HTTP/1.1 has to tell them apart. So
 * while one is in work the connection is neither stepped nor read: the next requests wait in the
 * kernel, and whoever sends too many of them feels it. */
#include "base64.h"
#include "conn.h"
#include "http1.h"
#include "kv.h"
#include "node.h"
#include "protos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rest {
    uint64_t sleep;     /* GET /slow: its timer; 0: nothing is in work */
    bool told_continue; /* of the request at the front */
    bool keep_alive;    /* of the request in work */
};

static const char *reason(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    case 431:
        return "Request Header Fields Too Large";
    default:
        return "Bad Request";
    }
}

static void answer(struct conn *c, int status, bool keep_alive, struct bytes body)
{
    char head[200];
    int len = snprintf(head, sizeof(head), "HTTP/1.1 %d %s\r\n", status, reason(status));

    buffer_put(&c->out, head, (size_t)len);
    if (status != 204) {
        len = snprintf(head, sizeof(head),
                       "Content-Type: application/json\r\nContent-Length: %zu\r\n", body.len);
        buffer_put(&c->out, head, (size_t)len);
    }
    buffer_put_text(&c->out, keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
    buffer_put(&c->out, body.at, body.len);
    if (!keep_alive)
        conn_finish(c);
}

static void answer_text(struct conn *c, int status, bool keep_alive, const char *text)
{
    answer(c, status, keep_alive, (struct bytes){text, strlen(text)});
}

/* The part of a path with %xx as the bytes they stand for; false: malformed. */
static bool unescape(struct bytes text, struct buffer *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i], hex[3] = {0}, *end;

        if (byte == '%') {
            if (text.len - i < 3)
                return false;
            memcpy(hex, text.at + i + 1, 2);
            byte = (char)strtol(hex, &end, 16);
            if (end != hex + 2 || hex[0] == '+' || hex[0] == '-' || hex[0] == ' ')
                return false;
            i += 2;
        }
        buffer_put(out, &byte, 1);
    }
    return true;
}

static void get(struct conn *c, bool keep_alive, struct bytes key)
{
    const struct kv_entry *e = kv_get(key);
    struct buffer body = {0};

    if (e == NULL) {
        answer_text(c, 404, keep_alive, "{\"error\": \"there is no such key\"}");
        return;
    }
    buffer_put_text(&body, "{\"value\": \"");
    base64_put(&body, e->value);
    buffer_put_text(&body, "\"}");
    answer(c, 200, keep_alive, (struct bytes){buffer_bytes(&body), body.len});
    buffer_release(&body);
}

/* {"value": base64} */
static bool read_value(struct buffer *body, struct buffer *out)
{
    const struct json *value;
    struct json *v;

    buffer_put(body, "", 1); /* room for the parser's 0 */
    v = json_parse(buffer_bytes(body), body->len - 1);
    value = v == NULL || v->type != JSON_OBJECT ? NULL : json_get(v, "value");
    return value != NULL && value->type == JSON_STRING &&
           base64_take((struct bytes){value->string, value->len}, out);
}

static void put(struct conn *c, bool keep_alive, struct bytes key, struct buffer *body)
{
    struct buffer value = {0};

    if (read_value(body, &value)) {
        kv_put(key, (struct bytes){buffer_bytes(&value), value.len});
        answer_text(c, 204, keep_alive, "");
    } else {
        answer_text(c, 400, keep_alive, "{\"error\": \"a value in base64 is needed\"}");
    }
    buffer_release(&value);
}

static bool is(struct bytes b, const char *text)
{
    return b.len == strlen(text) && memcmp(b.at, text, b.len) == 0;
}

static void on_key(struct conn *c, struct http1_request *r)
{
    struct buffer memory = {0};
    struct bytes key;

    if (!unescape((struct bytes){r->target.at + 4, r->target.len - 4}, &memory) ||
        memory.len == 0) {
        answer_text(c, 400, r->keep_alive, "{\"error\": \"a key is needed\"}");
    } else {
        key = (struct bytes){buffer_bytes(&memory), memory.len};
        if (is(r->method, "GET"))
            get(c, r->keep_alive, key);
        else if (is(r->method, "PUT"))
            put(c, r->keep_alive, key, &r->body);
        else
            answer_text(c, 405, r->keep_alive, "{\"error\": \"GET or PUT\"}");
    }
    buffer_release(&memory);
}

static void on_slept(void *owner)
{
    struct conn *c = owner;
    struct rest *rest = c->state;

    rest->sleep = 0;
    c->busy--;
    c->paused = false;
    answer_text(c, 200, rest->keep_alive, "{}");
    conn_turn(c);
}

static void begin_slow(struct conn *c, const struct http1_request *r)
{
    struct rest *rest = c->state;
    char digits[8] = "";
    size_t len = r->target.len - 6;

    memcpy(digits, r->target.at + 6, len < 7 ? len : 7);
    rest->keep_alive = r->keep_alive;
    rest->sleep = node_after(atoi(digits), on_slept, c);
    c->busy++;
    c->paused = true;
}

static void serve(struct conn *c, struct http1_request *r)
{
    if (r->target.len >= 4 && memcmp(r->target.at, "/kv/", 4) == 0)
        on_key(c, r);
    else if (r->target.len > 6 && memcmp(r->target.at, "/slow/", 6) == 0)
        begin_slow(c, r);
    else
        answer_text(c, 404, r->keep_alive, "{\"error\": \"there is nothing here\"}");
}

static bool step(struct conn *c)
{
    struct rest *rest = c->state;
    struct http1_request r;
    int status;

    if (rest->sleep != 0)
        return false;
    switch (http1_read((struct bytes){buffer_bytes(&c->in), c->in.len}, &r, &status)) {
    case HTTP1_MORE:
        return false;
    case HTTP1_HEAD:
        if (r.expects_continue && !rest->told_continue && c->in.len == r.head_len)
            buffer_put_text(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
        rest->told_continue = true;
        return false;
    case HTTP1_WRONG:
        answer_text(c, status, false, "{\"error\": \"this is no good request\"}");
        return false;
    default:
        break;
    }
    rest->told_continue = false;
    serve(c, &r);
    buffer_release(&r.body);
    buffer_take(&c->in, r.total_len);
    return true;
}

static void closed(struct conn *c)
{
    struct rest *rest = c->state;

    node_cancel(rest->sleep);
}

const struct proto http_proto = {
    .name = "http", .state_size = sizeof(struct rest), .step = step, .closed = closed};

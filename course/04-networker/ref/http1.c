/* http1.c - where does a request of HTTP/1.1 end?
 *
 * There are three answers to that, and all the danger lies in two programs that give different
 * ones: a proxy that goes by Content-Length and a server that goes by chunks see different requests
 * in the same bytes (request smuggling). So whatever could be read in two ways is refused: both of
 * them, two lengths, a length that is no plain number, blanks before a colon, a header that is
 * continued on the next line. */
#include "http1.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct framing {
    bool has_length, chunked;
    size_t length;
};

/* The line at the front, without its end, which is CRLF. False: there is no whole one. */
static bool take_line(struct bytes *from, struct bytes *ret_line)
{
    const char *end = from->len == 0 ? NULL : memmem(from->at, from->len, "\r\n", 2);

    if (end == NULL)
        return false;
    *ret_line = (struct bytes){from->at, (size_t)(end - from->at)};
    from->len -= ret_line->len + 2;
    from->at = end + 2;
    return true;
}

static bool is_text(struct bytes b, const char *text)
{
    return b.len == strlen(text) && strncasecmp(b.at, text, b.len) == 0;
}

static struct bytes trimmed(struct bytes b)
{
    while (b.len > 0 && (b.at[0] == ' ' || b.at[0] == '\t'))
        b = (struct bytes){b.at + 1, b.len - 1};
    while (b.len > 0 && (b.at[b.len - 1] == ' ' || b.at[b.len - 1] == '\t'))
        b.len--;
    return b;
}

/* Digits and nothing else. */
static bool number(struct bytes text, int base, size_t max, size_t *ret_n)
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        int c = tolower((unsigned char)text.at[i]);
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                         : -1;

        if (digit < 0 || n > max)
            return false;
        n = n * (size_t)base + (size_t)digit;
    }
    *ret_n = n;
    return text.len > 0 && n <= max;
}

static bool read_request_line(struct bytes line, struct http1_request *r)
{
    const char *blank = memchr(line.at, ' ', line.len), *second;
    size_t rest;

    if (blank == NULL || blank == line.at)
        return false;
    r->method = (struct bytes){line.at, (size_t)(blank - line.at)};
    rest = line.len - r->method.len - 1;
    second = memchr(blank + 1, ' ', rest);
    if (second == NULL || second == blank + 1)
        return false;
    r->target = (struct bytes){blank + 1, (size_t)(second - blank - 1)};
    line = (struct bytes){second + 1, rest - r->target.len - 1};
    r->keep_alive = is_text(line, "HTTP/1.1");
    return r->keep_alive || is_text(line, "HTTP/1.0");
}

static bool is_name(struct bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!isalnum((unsigned char)name.at[i]) && strchr("!#$%&'*+-.^_`|~", name.at[i]) == NULL)
            return false;
    }
    return name.len > 0;
}

static bool read_header(struct bytes line, struct http1_request *r, struct framing *f)
{
    const char *colon = memchr(line.at, ':', line.len);
    struct bytes name = {line.at, colon == NULL ? 0 : (size_t)(colon - line.at)}, value;

    if (colon == NULL || !is_name(name))
        return false;
    value = trimmed((struct bytes){colon + 1, line.len - name.len - 1});
    if (is_text(name, "content-length")) {
        if (f->has_length || !number(value, 10, SIZE_MAX / 32, &f->length))
            return false;
        f->has_length = true;
    } else if (is_text(name, "transfer-encoding")) {
        if (f->chunked || !is_text(value, "chunked"))
            return false;
        f->chunked = true;
    } else if (is_text(name, "connection") && is_text(value, "close")) {
        r->keep_alive = false;
    } else if (is_text(name, "expect") && is_text(value, "100-continue")) {
        r->expects_continue = true;
    }
    return true;
}

/* The length of a chunk, which may be followed by words that we do not know (RFC 9112 7.1.1). */
static bool chunk_len(struct bytes line, size_t *ret_len)
{
    const char *mark = memchr(line.at, ';', line.len);

    if (mark != NULL)
        line = trimmed((struct bytes){line.at, (size_t)(mark - line.at)});
    return number(line, 16, SIZE_MAX / 32, ret_len);
}

/* 1: all chunks are there; 0: not yet; -1: malformed; -2: too long */
static int read_chunks(struct bytes *from, struct buffer *body)
{
    struct bytes line;
    size_t len;

    for (;;) {
        if (!take_line(from, &line))
            return from->len > 100 ? -1 : 0;
        if (!chunk_len(line, &len))
            return -1;
        if (len + body->len > HTTP1_BODY_MAX)
            return -2;
        if (len == 0)
            break;
        if (from->len < len + 2)
            return from->len > len && from->at[len] != '\r' ? -1 : 0;
        if (memcmp(from->at + len, "\r\n", 2) != 0)
            return -1;
        buffer_put(body, from->at, len);
        *from = (struct bytes){from->at + len + 2, from->len - len - 2};
    }
    do { /* trailers, which are of no interest */
        if (!take_line(from, &line))
            return from->len > HTTP1_HEAD_MAX ? -1 : 0;
    } while (line.len > 0);
    return 1;
}

static enum http1_state wrong(struct http1_request *r, int status, int *ret_status)
{
    buffer_release(&r->body);
    *ret_status = status;
    return HTTP1_WRONG;
}

static enum http1_state read_body(struct bytes in, struct bytes rest, const struct framing *f,
                                  struct http1_request *r, int *ret_status)
{
    if (f->chunked) {
        int state = read_chunks(&rest, &r->body);

        if (state < 0)
            return wrong(r, state == -1 ? 400 : 413, ret_status);
        if (state == 0) {
            buffer_release(&r->body);
            return HTTP1_HEAD;
        }
    } else {
        if (f->length > HTTP1_BODY_MAX)
            return wrong(r, 413, ret_status);
        if (rest.len < f->length)
            return HTTP1_HEAD;
        buffer_put(&r->body, rest.at, f->length);
        rest = (struct bytes){rest.at + f->length, rest.len - f->length};
    }
    r->total_len = (size_t)(rest.at - in.at);
    return HTTP1_COMPLETE;
}

enum http1_state http1_read(struct bytes in, struct http1_request *ret_request, int *ret_status)
{
    struct http1_request *r = ret_request;
    struct framing f = {0};
    struct bytes rest = in, line;
    bool first = true, ended = false;

    *r = (struct http1_request){0};
    while (!ended && take_line(&rest, &line)) {
        ended = line.len == 0 && !first;
        if (!ended && !(first ? read_request_line(line, r) : read_header(line, r, &f)))
            return wrong(r, 400, ret_status);
        first = false;
        if ((size_t)(rest.at - in.at) > HTTP1_HEAD_MAX)
            return wrong(r, 431, ret_status);
    }
    if (!ended)
        return in.len > HTTP1_HEAD_MAX ? wrong(r, 431, ret_status) : HTTP1_MORE;
    if (f.chunked && f.has_length)
        return wrong(r, 400, ret_status);
    r->head_len = (size_t)(rest.at - in.at);
    return read_body(in, rest, &f, r, ret_status);
}

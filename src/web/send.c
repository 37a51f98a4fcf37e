/* A struct response becomes bytes and headers. What a handler does not have to know stands here:
 * HEAD, gzip, ETag, security headers. */
#include "server_parts.h"

#include "../accounts/person.h"
#include "../base/digest.h"
#include "../base/str.h"
#include "zips.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ZIP_MIN = 1000, ZIP_MAX = 512 << 10, SLOWEST = 100 /* bytes a millisecond */ };

/* gzip is a word of the list, and not with q=0. */
static bool takes_gzip(struct MHD_Connection *c)
{
    const char *at = strcasestr(server_header(c, "Accept-Encoding"), "gzip");

    if (at == NULL)
        return false;
    at += strlen("gzip");
    return strncmp(at, ";q=0", 4) != 0 || strncmp(at, ";q=0.", 5) == 0;
}

static const struct {
    const char *name, *value;
} always[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Vary", "Accept-Encoding, Cookie"},
};

static const char strict_csp[] = "default-src 'self'; object-src 'none'; base-uri 'none'; "
                                 "form-action 'self'; frame-ancestors 'none'";

/* What has no ETag is a stream, or a file that nobody but this reader should keep. Going back, a
 * browser shows what it kept without asking, so what was made for somebody is not kept: he may have
 * signed out since. */
static const char *caching(const struct response *r, const char *etag)
{
    if (r->immutable)
        return "public, max-age=31536000, immutable";
    if (r->who != NULL && r->who->id != 0)
        return "no-store";
    return etag == NULL ? "no-store" : "private, no-cache";
}

static void add_text(struct MHD_Response *m, const char *name, const struct buf *text)
{
    if (text->len > 0)
        MHD_add_response_header(m, name, text->data);
}

/* A page of another policy is one in a sandbox, which browsers refuse together with an opener
 * policy. */
static void add_policy(struct MHD_Response *m, const struct response *r)
{
    MHD_add_response_header(m, "Content-Security-Policy", r->csp != NULL ? r->csp : strict_csp);
    if (r->csp == NULL)
        MHD_add_response_header(m, "Cross-Origin-Opener-Policy", "same-origin");
}

static void add_retry(struct MHD_Response *m, const struct response *r)
{
    char seconds[16];

    snprintf(seconds, sizeof(seconds), "%u", r->retry_after_s);
    if (r->retry_after_s > 0)
        MHD_add_response_header(m, "Retry-After", seconds);
}

void send_headers(struct MHD_Response *m, const struct response *r, const char *etag)
{
    size_t i;

    for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        MHD_add_response_header(m, always[i].name, always[i].value);
    add_policy(m, r);
    MHD_add_response_header(m, "Content-Type", r->type);
    MHD_add_response_header(m, "Cache-Control", caching(r, etag));
    if (r->status == 200 && etag != NULL)
        MHD_add_response_header(m, "ETag", etag);
    if (r->allow[0] != '\0')
        MHD_add_response_header(m, "Allow", r->allow);
    add_retry(m, r);
    add_text(m, "Location", &r->location);
    add_text(m, "Set-Cookie", &r->set_cookie);
    add_text(m, "Content-Disposition", &r->disposition);
}

static enum MHD_Result send_bytes(struct MHD_Connection *c, const struct response *r,
                                  struct str body, bool zipped)
{
    char digits[DIGEST_TEXT_SIZE], etag[DIGEST_TEXT_SIZE + 4];
    struct MHD_Response *m;
    struct digest digest = {0};
    unsigned status = r->status;
    enum MHD_Result result;

    digest_add(&digest, body.data, body.len);
    snprintf(etag, sizeof(etag), "\"%s\"", digest_text(&digest, digits));
    if (status == 200 && strcmp(server_header(c, "If-None-Match"), etag) == 0) {
        status = MHD_HTTP_NOT_MODIFIED;
        body.len = 0;
    }
    m = MHD_create_response_from_buffer(
        body.len, (void *)body.data,
        r->borrowed.data != NULL && (body.data == r->borrowed.data || body.data == r->zipped.data)
            ? MHD_RESPMEM_PERSISTENT
            : MHD_RESPMEM_MUST_COPY);
    if (m == NULL)
        return MHD_NO;
    send_headers(m, r, etag);
    if (zipped && body.len > 0)
        MHD_add_response_header(m, "Content-Encoding", "gzip");
    result = MHD_queue_response(c, status, m);
    MHD_destroy_response(m);
    return result;
}

/* From the disk, however large it is. Who reads it gets the time that SLOWEST takes. */
static enum MHD_Result send_file(struct server *s, struct MHD_Connection *c, struct response *r)
{
    int fd = open(r->file.data, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct MHD_Response *m = NULL;
    enum MHD_Result result;
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        m = MHD_create_response_from_fd((size_t)st.st_size, fd); /* takes fd */
    if (m == NULL) {
        if (fd >= 0)
            close(fd);
        buf_reset(&r->file);
        response_problem(r, 404, "This file is not there any more.");
        return send_bytes(c, r, buf_str(&r->body), false);
    }
    server_set_due(s, server_guest(c),
                   server_now_ms() + s->config.request_ms + st.st_size / SLOWEST);
    send_headers(m, r, NULL);
    result = MHD_queue_response(c, r->status, m);
    MHD_destroy_response(m);
    return result;
}

enum MHD_Result send_response(struct server *s, struct MHD_Connection *c, struct response *r,
                              const char *asker)
{
    struct str body;

    if (r->stream.next != NULL && stream_has_room(s, asker, r))
        return stream_send(s, c, r, asker);
    if (r->file.len > 0)
        return send_file(s, c, r);
    body = r->borrowed.data != NULL ? r->borrowed : buf_str(&r->body);
    if (!takes_gzip(c) || body.len < ZIP_MIN)
        return send_bytes(c, r, body, false);
    if (r->zipped.data != NULL)
        return send_bytes(c, r, r->zipped, true);
    if (body.len > ZIP_MAX)
        return send_bytes(c, r, body, false); /* others would wait while it is packed */
    return send_bytes(c, r, zips_get(s->zips, body), true);
}

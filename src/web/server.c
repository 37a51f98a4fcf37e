/* libmicrohttpd reads and writes; here a request becomes a struct request, and a struct response
 * becomes bytes and headers. What a handler does not have to know stands here: limits, HEAD, gzip,
 * ETag, security headers.
 *
 * libmicrohttpd's own timeout counts from the last byte, so a client that sends one byte in ten
 * seconds would live for ever. Therefore each connection has a deadline of its own (struct guest).
 * The sweep does no more than shut the socket down; libmicrohttpd then sees an end and closes. The
 * lock holds the list still meanwhile, since a closed descriptor may be somebody else's at once. */
#include "server.h"

#include "../base/clock.h"
#include "../base/digest.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "listen.h"
#include "response.h"
#include "routes.h"
#include "search.h"
#include "statics.h"
#include "url.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { ZIP_MIN = 1000, METHOD_MAX = 16 };

struct guest {
    struct guest *next;
    int fd;
    int64_t due_ms;
};

struct server {
    struct server_config config;
    struct MHD_Daemon *daemon;
    struct listen_place place;
    pthread_mutex_t lock; /* of the guests */
    struct guest *guests;
};

/* Of a request whose body is being read. */
struct reading {
    size_t body_len;
};

/* ---- deadlines ---- */

static int64_t now_ms(void)
{
    return clock_real_ns() / 1000000;
}

static struct guest *guest_new(struct server *s, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct guest *g = mem_zalloc(sizeof(*g));

    g->fd = info != NULL ? info->connect_fd : -1;
    g->due_ms = now_ms() + s->config.request_ms;
    g->next = s->guests;
    s->guests = g;
    return g;
}

static void guest_free(struct server *s, struct guest *g)
{
    struct guest **at = &s->guests;

    while (*at != NULL && *at != g)
        at = &(*at)->next;
    if (*at != NULL)
        *at = g->next;
    mem_free(g);
}

static void on_connection(void *owner, struct MHD_Connection *c, void **ret_guest,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *s = owner;

    pthread_mutex_lock(&s->lock);
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *ret_guest = guest_new(s, c);
    } else {
        guest_free(s, *ret_guest);
        *ret_guest = NULL;
    }
    pthread_mutex_unlock(&s->lock);
}

static void on_answered(void *owner, struct MHD_Connection *c, void **ret_reading,
                        enum MHD_RequestTerminationCode code)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct guest *g = info != NULL ? info->socket_context : NULL;
    struct server *s = owner;

    (void)code;
    mem_free(*ret_reading);
    *ret_reading = NULL;
    pthread_mutex_lock(&s->lock);
    if (g != NULL)
        g->due_ms = now_ms() + s->config.request_ms;
    pthread_mutex_unlock(&s->lock);
}

void server_sweep(struct server *s)
{
    int64_t now = now_ms();
    struct guest *g;

    pthread_mutex_lock(&s->lock);
    for (g = s->guests; g != NULL; g = g->next)
        if (g->fd >= 0 && g->due_ms <= now)
            shutdown(g->fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
}

/* ---- answers ---- */

static const char *header(struct MHD_Connection *c, const char *name)
{
    const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

    return value != NULL ? value : "";
}

/* gzip is a word of the list, and not with q=0. */
static bool takes_gzip(struct MHD_Connection *c)
{
    const char *at = strcasestr(header(c, "Accept-Encoding"), "gzip");

    if (at == NULL)
        return false;
    at += strlen("gzip");
    return strncmp(at, ";q=0", 4) != 0 || strncmp(at, ";q=0.", 5) == 0;
}

static const struct {
    const char *name, *value;
} always[] = {
    {"Content-Security-Policy", "default-src 'self'; object-src 'none'; base-uri 'none'; "
                                "form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Vary", "Accept-Encoding"},
};

static void add_headers(struct MHD_Response *m, const struct response *r, const char *etag)
{
    size_t i;

    for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
        MHD_add_response_header(m, always[i].name, always[i].value);
    MHD_add_response_header(m, "Content-Type", r->type);
    MHD_add_response_header(m, "Cache-Control",
                            r->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (r->status == 200)
        MHD_add_response_header(m, "ETag", etag);
    if (r->allow != NULL)
        MHD_add_response_header(m, "Allow", r->allow);
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
    if (status == 200 && strcmp(header(c, "If-None-Match"), etag) == 0) {
        status = MHD_HTTP_NOT_MODIFIED;
        body.len = 0;
    }
    m = MHD_create_response_from_buffer(body.len, (void *)body.data,
                                        r->borrowed.data != NULL && body.data != r->body.data
                                            ? MHD_RESPMEM_PERSISTENT
                                            : MHD_RESPMEM_MUST_COPY);
    if (m == NULL)
        return MHD_NO;
    add_headers(m, r, etag);
    if (zipped && body.len > 0)
        MHD_add_response_header(m, "Content-Encoding", "gzip");
    result = MHD_queue_response(c, status, m);
    MHD_destroy_response(m);
    return result;
}

static enum MHD_Result send_response(struct MHD_Connection *c, const struct response *r)
{
    struct str body = r->borrowed.data != NULL ? r->borrowed : buf_str(&r->body);
    struct buf zipped = {0};
    enum MHD_Result result;

    if (!takes_gzip(c) || body.len < ZIP_MIN)
        return send_bytes(c, r, body, false);
    if (r->zipped.data != NULL)
        return send_bytes(c, r, r->zipped, true);
    statics_zip(body, &zipped);
    result = send_bytes(c, r, buf_str(&zipped), true);
    buf_release(&zipped);
    return result;
}

static enum MHD_Result refuse(struct server *s, struct MHD_Connection *c, const char *path,
                              unsigned status, const char *detail)
{
    struct response r = {0};
    enum MHD_Result result;

    routes_error(s->config.site, path, status, detail, &r);
    result = send_response(c, &r);
    response_release(&r);
    return result;
}

/* ---- requests ---- */

/* The decoded value of ?name=, "" if there is none or it is no text. into must be empty. */
static const char *argument(struct MHD_Connection *c, const char *name, struct buf *into)
{
    const char *raw = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, name);

    buf_add_text(into, "");
    if (raw == NULL || !url_decode(str_of(raw), into) || into->len > SEARCH_QUERY_MAX)
        return "";
    return into->len > 0 ? into->data : "";
}

static enum MHD_Result answer(struct server *s, struct MHD_Connection *c, const char *path,
                              const char *method)
{
    struct request q = {.method = method, .path = path};
    struct buf query = {0}, language = {0};
    struct response r = {0};
    struct err err = {.text = ""};
    enum MHD_Result result;

    q.query = argument(c, "q", &query);
    q.language = argument(c, "language", &language);
    if (routes_answer(s->config.site, &q, &r, &err) < 0)
        fprintf(stderr, "%s: %s\n", path, err.text);
    result = send_response(c, &r);
    response_release(&r);
    buf_release(&query);
    buf_release(&language);
    return result;
}

static bool body_announced_too_long(struct MHD_Connection *c)
{
    const char *length = header(c, "Content-Length");
    int64_t n = 0;

    return length[0] != '\0' && (!str_to_i64(str_of(length), &n) || n > SERVER_BODY_MAX);
}

/* libmicrohttpd calls this when the header has come, for each piece of the body, and at its end. */
static enum MHD_Result on_request(void *owner, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **ret_reading)
{
    struct reading *reading = *ret_reading;
    struct server *s = owner;

    (void)version, (void)data;
    if (reading == NULL) {
        *ret_reading = mem_zalloc(sizeof(*reading));
        if (!listen_is_own_host(header(c, "Host")))
            return refuse(s, c, path, 421,
                          "This server answers under localhost and 127.0.0.1 only.");
        if (body_announced_too_long(c))
            return refuse(s, c, path, 413, "The request's body is too long.");
        return MHD_YES;
    }
    if (*len > 0) {
        reading->body_len += *len;
        *len = 0;
        return reading->body_len <= SERVER_BODY_MAX ? MHD_YES : MHD_NO; /* NO: it hangs up */
    }
    return answer(s, c, path, method);
}

/* Addresses stay as they came; see routes.c and url.h. */
static size_t keep_as_is(void *owner, struct MHD_Connection *c, char *text)
{
    (void)owner, (void)c;
    return strlen(text);
}

/* What clients do wrong is no news for the log. */
static void no_log(void *owner, const char *format, va_list args)
{
    (void)owner, (void)format, (void)args;
}

/* ---- start and stop ---- */

static struct MHD_Daemon *start_daemon(struct server *s)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
        s, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET, s->place.fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SERVER_IDLE_SECONDS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)SERVER_HEAD_MAX, MHD_OPTION_STRICT_FOR_CLIENT,
        1, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_NOTIFY_COMPLETED, on_answered,
        s, MHD_OPTION_UNESCAPE_CALLBACK, keep_as_is, NULL, MHD_OPTION_END);
}

int server_start(const struct server_config *config, struct server **ret_server, struct err *err)
{
    struct server *s = mem_zalloc(sizeof(*s));
    int status;

    s->config = *config;
    if (s->config.request_ms == 0)
        s->config.request_ms = SERVER_REQUEST_SECONDS * 1000;
    pthread_mutex_init(&s->lock, NULL);
    status = listen_open(config->listen, &s->place, err);
    if (status == 0) {
        s->daemon = start_daemon(s);
        if (s->daemon == NULL) {
            listen_close(&s->place);
            status =
                err_set(err, ERR_MACHINE, "the server on %s could not be started", config->listen);
        }
    }
    if (status < 0) {
        pthread_mutex_destroy(&s->lock);
        mem_free(s);
        return status;
    }
    *ret_server = s;
    return 0;
}

const char *server_url(const struct server *s)
{
    return s->place.url;
}

void server_stop(struct server *s)
{
    if (s == NULL)
        return;
    MHD_stop_daemon(s->daemon); /* closes the socket, too */
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

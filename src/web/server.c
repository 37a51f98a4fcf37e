/* libmicrohttpd reads and writes; here a request becomes a struct request. Its way:
 *
 *     header came --has a body?--yes--> routes_admit --> body, piece by piece --+
 *                        |                                                      v
 *                        +--no--> routes_admit ----------------------------> routes_call
 *                                                                               |
 *              send.c <--answer()-- asleep (later.c) <--it wants to work first--+--> send.c,
 * stream.c
 *
 * Who may not ask is told so before his body is read, so nobody fills our memory with what nobody
 * wants; all bodies together have a limit, too.
 *
 * libmicrohttpd's own timeout counts from the last byte, so a client that sends one byte in ten
 * seconds would live for ever. Therefore each connection has a deadline of its own (struct guest).
 * The sweep does no more than shut the socket down; libmicrohttpd then sees an end and closes. The
 * lock holds the list still meanwhile, since a closed descriptor may be somebody else's at once. */
#include "server.h"

#include "../accounts/person.h"
#include "../base/clock.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "forwarded.h"
#include "request.h"
#include "routes.h"
#include "server_parts.h"
#include "zips.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { AWAY_SAID_MS = 5000 };

/* Of one request, from its header on. */
struct reading {
    struct request q;
    struct request_values values;
    const struct route *route; /* NULL: not admitted so far */
    struct person person;
    struct buf body;
    size_t counted; /* of server.bodies_bytes */
    struct later *later;
    char session[REQUEST_SESSION_MAX + 1], address[REQUEST_ADDRESS_MAX];
};

/* ---- deadlines ---- */

int64_t server_now_ms(void)
{
    return clock_real_ns() / 1000000;
}

struct guest *server_guest(struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info->socket_context;
}

void server_set_due(struct server *s, struct guest *g, int64_t due_ms)
{
    pthread_mutex_lock(&s->lock);
    g->due_ms = due_ms;
    pthread_mutex_unlock(&s->lock);
}

static struct guest *guest_new(struct server *s, struct MHD_Connection *c)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct guest *g = mem_zalloc(sizeof(*g));

    g->fd = info != NULL ? info->connect_fd : -1;
    g->due_ms = server_now_ms() + s->config.request_ms;
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

static void reading_free(struct server *s, struct reading *reading)
{
    if (reading == NULL)
        return;
    s->bodies_bytes -= reading->counted;
    later_free(reading->later);
    request_values_release(&reading->values);
    buf_release(&reading->body);
    mem_free(reading);
}

static void on_answered(void *owner, struct MHD_Connection *c, void **ret_reading,
                        enum MHD_RequestTerminationCode code)
{
    struct guest *g = server_guest(c);
    struct server *s = owner;

    (void)code;
    reading_free(s, *ret_reading);
    *ret_reading = NULL;
    if (g != NULL)
        server_set_due(s, g, server_now_ms() + s->config.request_ms);
}

void server_sweep(struct server *s)
{
    int64_t now = server_now_ms();
    struct guest *g;

    pthread_mutex_lock(&s->lock);
    for (g = s->guests; g != NULL; g = g->next)
        if (g->fd >= 0 && g->due_ms <= now)
            shutdown(g->fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
    stream_sweep(s, now);
}

/* ---- what is asked ---- */

const char *server_header(struct MHD_Connection *c, const char *name)
{
    const char *value = MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);

    return value != NULL ? value : "";
}

static enum MHD_Result add_value(void *owner, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    (void)kind;
    request_values_add(owner, name, value != NULL ? value : "");
    return MHD_YES;
}

static void find_address(const struct server *s, struct MHD_Connection *c, char *into)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info != NULL ? info->client_addr : NULL;
    char peer[INET6_ADDRSTRLEN] = "";

    if (a != NULL && a->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)a)->sin_addr, peer, sizeof(peer));
    else if (a != NULL && a->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)a)->sin6_addr, peer, sizeof(peer));
    forwarded_address(peer, s->config.proxy, server_header(c, "X-Forwarded-For"), into,
                      REQUEST_ADDRESS_MAX);
}

static void find_session(const char *cookies, char *into)
{
    struct str value = request_cookie(cookies, REQUEST_COOKIE);

    if (value.len > 0 && value.len <= REQUEST_SESSION_MAX)
        memcpy(into, value.data, value.len);
}

static struct reading *reading_new(const struct server *s, struct MHD_Connection *c,
                                   const char *path, const char *method)
{
    struct reading *reading = mem_zalloc(sizeof(*reading));
    struct request *q = &reading->q;

    q->method = method;
    q->path = path;
    q->headers = (struct request_headers){
        .host = server_header(c, "Host"),
        .origin = server_header(c, "Origin"),
        .fetch_site = server_header(c, "Sec-Fetch-Site"),
        .x_eddy = server_header(c, "X-Eddy"),
        .x_eddy_person = server_header(c, "X-Eddy-Person"),
        .content_type = server_header(c, "Content-Type"),
        .last_event_id = server_header(c, "Last-Event-ID"),
        .cookie = server_header(c, "Cookie"),
        .session = reading->session,
        .address = reading->address,
    };
    find_session(q->headers.cookie, reading->session);
    find_address(s, c, reading->address);
    MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_value, &reading->values);
    q->values = &reading->values;
    return reading;
}

/* Whose streams are counted together: a person's, else those from one address. "": not counted,
 * for without accounts all are one person's. */
static void name_asker(const struct request *q, char into[ASKER_MAX])
{
    into[0] = '\0';
    if (q->person == NULL)
        snprintf(into, ASKER_MAX, "%s", q->headers.address);
    else if (q->person->id != 0)
        snprintf(into, ASKER_MAX, "person %" PRId64, q->person->id);
}

/* ---- answers ---- */

/* Takes what is in r. */
static enum MHD_Result say(struct server *s, struct MHD_Connection *c, const struct request *q,
                           struct response *r)
{
    char asker[ASKER_MAX];
    enum MHD_Result result;

    name_asker(q, asker);
    result = send_response(s, c, r, asker);
    response_release(r);
    return result;
}

static enum MHD_Result refuse(struct server *s, struct MHD_Connection *c, const struct request *q,
                              unsigned status, const char *detail)
{
    struct response r = {0};

    routes_error(s->config.site, q->path, status, detail, &r);
    return say(s, c, q, &r);
}

/* While the database is away everybody is told so, and the log now and then. */
static void log_error(struct server *s, const struct request *q, bool away, const struct err *err)
{
    int64_t now = server_now_ms();

    if (away && s->away_said_ms != 0 && now - s->away_said_ms < AWAY_SAID_MS)
        return;
    if (away)
        s->away_said_ms = now;
    fprintf(stderr, "%s %s: %s\n", q->method, q->path, err->text);
}

/* False: r says why not. */
static bool admit(struct server *s, struct reading *reading, struct response *r)
{
    struct err err = {.text = ""};

    reading->route = routes_admit(s->config.site, &reading->q, &reading->person, r, &err);
    if (reading->route == NULL && err.text[0] != '\0')
        log_error(s, &reading->q, r->status == 503, &err);
    return reading->route != NULL;
}

static void call(struct server *s, struct reading *reading, struct response *r)
{
    struct err err = {.text = ""};
    int status;

    if (reading->later != NULL) {
        struct later *l = reading->later;
        reading->later = NULL;
        status = later_answer(l, s->config.site, r, &err);
        if (status < 0)
            routes_fail(s->config.site, reading->q.path, status, r);
    } else {
        reading->q.body = buf_str(&reading->body);
        status = routes_call(reading->route, s->config.site, &reading->q, r, &err);
    }
    if (status < 0)
        log_error(s, &reading->q, status == ERR_AWAY, &err);
}

static enum MHD_Result answer(struct server *s, struct MHD_Connection *c, struct reading *reading)
{
    struct response r = {0};

    if (reading->route == NULL && !admit(s, reading, &r))
        return say(s, c, &reading->q, &r);
    call(s, reading, &r);
    if (r.later.work != NULL) {
        reading->later = later_start(s, c, &r);
        if (reading->later != NULL)
            return MHD_YES; /* it sleeps; we are called again when it wakes */
    }
    return say(s, c, &reading->q, &r);
}

/* ---- requests ---- */

/* What the header says of a body: its length, or 1 if it comes in chunks; 0: there is none, and -1:
 * it says nonsense, or more than anybody may send. */
static int64_t announced(struct MHD_Connection *c)
{
    const char *length = server_header(c, "Content-Length");
    int64_t n = 0;

    if (server_header(c, "Transfer-Encoding")[0] != '\0')
        return 1;
    if (length[0] == '\0')
        return 0;
    return str_to_i64(str_of(length), &n) && n >= 0 && n <= SERVER_BODY_MAX ? n : -1;
}

/* The header is there. */
static enum MHD_Result begin(struct server *s, struct MHD_Connection *c, struct reading *reading)
{
    struct request *q = &reading->q;
    struct response r = {0};
    int64_t len = announced(c);

    if (s->config.url != NULL && !host_is_of(q->headers.host, s->config.url))
        return refuse(s, c, q, 421, "This server answers under another name; see its --url.");
    if (s->config.url == NULL && !listen_is_own_host(q->headers.host))
        return refuse(s, c, q, 421, "This server answers under localhost and 127.0.0.1 only.");
    if (len < 0)
        return refuse(s, c, q, 413, "The request's body is too long.");
    if (len == 0)
        return MHD_YES;
    if (s->bodies_bytes + (size_t)len > SERVER_BODIES_MAX)
        return refuse(s, c, q, 503,
                      "The server has too much to read just now; please try again soon.");
    q->body.len = (size_t)len;
    return admit(s, reading, &r) ? MHD_YES : say(s, c, q, &r);
}

/* A piece of the body. False: it is longer than announced, or than it may be. */
static bool take_piece(struct server *s, struct reading *reading, const char *data, size_t len)
{
    if (reading->route == NULL || reading->body.len + len > reading->route->body_max ||
        s->bodies_bytes + len > SERVER_BODIES_MAX)
        return false;
    buf_add(&reading->body, data, len);
    reading->counted += len;
    s->bodies_bytes += len;
    return true;
}

/* libmicrohttpd calls this when the header has come, for each piece of the body, at its end, and
 * again when the connection slept. */
static enum MHD_Result on_request(void *owner, struct MHD_Connection *c, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **ret_reading)
{
    struct reading *reading = *ret_reading;
    struct server *s = owner;
    bool fits;

    (void)version;
    if (reading == NULL) {
        *ret_reading = reading = reading_new(s, c, path, method);
        return begin(s, c, reading);
    }
    if (*len > 0) {
        fits = take_piece(s, reading, data, *len);
        *len = 0;
        return fits ? MHD_YES : MHD_NO; /* NO: it hangs up */
    }
    return answer(s, c, reading);
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
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        on_request, s, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL, MHD_OPTION_LISTEN_SOCKET,
        s->place.fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS_MAX,
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
    if (s->config.comment_ms == 0)
        s->config.comment_ms = SERVER_COMMENT_SECONDS * 1000;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->idle, NULL);
    s->zips = zips_new();
    status = listen_open(config->listen, config->url != NULL, &s->place, err);
    if (status == 0) {
        s->daemon = start_daemon(s);
        if (s->daemon == NULL) {
            listen_close(&s->place);
            status =
                err_set(err, ERR_MACHINE, "the server on %s could not be started", config->listen);
        }
    }
    if (status < 0) {
        zips_free(s->zips);
        pthread_cond_destroy(&s->idle);
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
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_mutex_unlock(&s->lock);
    stream_sweep(s, server_now_ms()); /* libmicrohttpd ends only what is awake */
    later_wait(s);
    MHD_stop_daemon(s->daemon); /* closes the socket, too */
    zips_free(s->zips);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

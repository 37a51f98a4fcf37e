/* A stream is an answer that is not over yet: the steps of a run while it runs (server-sent
 * events).
 *
 *     asked --next() says 1--> sending --all sent--> asked
 *       |                                              ^
 *       +--0--> asleep --stream_sweep(): it is time----+     -1: the rest is sent, then the end
 *
 * Invariants: 1. next() is called only when its last words are sent, so a client that reads slowly
 * costs what one call says and no more, and misses nothing: next() itself knows where it is.
 * 2. While a stream sleeps, libmicrohttpd does not look at its connection: nobody else may end it,
 * so the sweep may wake it without the lock, and asks the kernel itself whether the client is gone
 * (else a page that was reloaded eight times would find all its places taken until the next
 * comment). 3. Who neither reads nor leaves has the time of a request, from his last byte on; one
 * that sleeps has all the time of the world, since we are the ones who are silent.
 * 4. Comments every 15 s keep proxies in between from ending what is silent. */
#include "server_parts.h"

#include "../base/mem.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { ASK_MS = 100 };

struct stream {
    struct stream *next;
    struct server *server;
    struct MHD_Connection *connection;
    struct guest *guest;
    struct response_stream told;
    struct buf out;
    size_t sent; /* of out */
    bool over, gone;
    bool asleep;    /* under the lock */
    int64_t ask_ms; /* when it is to be asked again; under the lock */
    int64_t comment_ms;
    char asker[ASKER_MAX];
};

/* ---- in libmicrohttpd's thread ---- */

/* True if there is something to send, or the end. */
static bool ask(struct stream *s, int64_t now)
{
    int said;

    buf_reset(&s->out);
    s->sent = 0;
    said = s->told.next(s->told.owner, &s->out);
    s->over = said < 0;
    if (said == 0 && s->out.len == 0 && now >= s->comment_ms)
        buf_add_text(&s->out, ":\n\n");
    if (s->out.len > 0)
        s->comment_ms = now + s->server->config.comment_ms;
    return s->out.len > 0 || s->over;
}

/* False if the server is just ending. */
static bool fall_asleep(struct stream *s, int64_t now)
{
    struct server *server = s->server;
    bool may;

    pthread_mutex_lock(&server->lock);
    may = !server->stopping;
    if (may) {
        s->ask_ms = now + ASK_MS;
        s->guest->due_ms = INT64_MAX;
        MHD_suspend_connection(s->connection);
        s->asleep = true;
    }
    pthread_mutex_unlock(&server->lock);
    return may;
}

static ssize_t read_stream(void *owner, uint64_t at, char *into, size_t max)
{
    struct stream *s = owner;
    int64_t now = server_now_ms();
    size_t len;

    (void)at;
    if (s->gone)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (s->sent == s->out.len && s->over)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (s->sent == s->out.len && !ask(s, now))
        return fall_asleep(s, now) ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
    len = s->out.len - s->sent < max ? s->out.len - s->sent : max;
    if (len == 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    memcpy(into, s->out.data + s->sent, len);
    s->sent += len;
    server_set_due(s->server, s->guest, now + s->server->config.request_ms);
    return (ssize_t)len;
}

static void free_stream(void *owner)
{
    struct stream *s = owner, **at;
    struct server *server = s->server;

    pthread_mutex_lock(&server->lock);
    for (at = &server->streams; *at != s; at = &(*at)->next)
        continue;
    *at = s->next;
    server->stream_count--;
    pthread_mutex_unlock(&server->lock);
    if (s->told.free != NULL)
        s->told.free(s->told.owner);
    buf_release(&s->out);
    mem_free(s);
}

static uint32_t count_of(struct server *server, const char *asker, uint32_t *ret_all)
{
    const struct stream *s;
    uint32_t count = 0;

    pthread_mutex_lock(&server->lock);
    for (s = server->streams; s != NULL; s = s->next)
        count += strcmp(s->asker, asker) == 0;
    *ret_all = server->stream_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

bool stream_has_room(struct server *s, const char *asker, struct response *r)
{
    uint32_t all = 0, own = count_of(s, asker, &all);
    bool own_full = own >= SERVER_STREAMS_OF_ONE_MAX && asker[0] != '\0';

    if (!own_full && all < SERVER_STREAMS_MAX)
        return true;
    response_release(r);
    *r = (struct response){.status = 0};
    if (own_full)
        response_problem(r, 429,
                         "You watch eight things at once already; close one of them and try "
                         "again.");
    else
        response_problem(r, 503,
                         "Too many people watch just now; ask for the state itself every few "
                         "seconds instead, or try again soon.");
    return false;
}

static struct stream *new_stream(struct server *server, struct MHD_Connection *c,
                                 struct response *r, const char *asker)
{
    struct stream *s = mem_zalloc(sizeof(*s));

    s->server = server;
    s->connection = c;
    s->guest = server_guest(c);
    s->told = r->stream;
    s->comment_ms = server_now_ms() + server->config.comment_ms;
    snprintf(s->asker, sizeof(s->asker), "%s", asker);
    r->stream = (struct response_stream){NULL, NULL, NULL};
    pthread_mutex_lock(&server->lock);
    s->next = server->streams;
    server->streams = s;
    server->stream_count++;
    pthread_mutex_unlock(&server->lock);
    return s;
}

enum MHD_Result stream_send(struct server *server, struct MHD_Connection *c, struct response *r,
                            const char *asker)
{
    struct stream *s = new_stream(server, c, r, asker);
    struct MHD_Response *m =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stream, s, free_stream);
    enum MHD_Result result;

    if (m == NULL) {
        free_stream(s);
        return MHD_NO;
    }
    send_headers(m, r, NULL);
    MHD_add_response_header(m, "X-Accel-Buffering", "no"); /* nginx: pass it on at once */
    result = MHD_queue_response(c, r->status, m);
    MHD_destroy_response(m);
    return result;
}

/* ---- in the thread of the sweep ---- */

static bool client_is_gone(const struct stream *s)
{
    struct pollfd p = {.fd = s->guest->fd, .events = POLLRDHUP};

    return poll(&p, 1, 0) == 1 && (p.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void stream_sweep(struct server *server, int64_t now)
{
    struct MHD_Connection *woken[SERVER_STREAMS_MAX];
    uint32_t count = 0, i;
    struct stream *s;

    pthread_mutex_lock(&server->lock);
    for (s = server->streams; s != NULL && count < SERVER_STREAMS_MAX; s = s->next) {
        if (!s->asleep)
            continue;
        s->gone = server->stopping || client_is_gone(s);
        if (!s->gone && now < s->ask_ms)
            continue;
        s->asleep = false;
        s->guest->due_ms = now + server->config.request_ms;
        woken[count++] = s->connection;
    }
    pthread_mutex_unlock(&server->lock);
    for (i = 0; i < count; i++)
        MHD_resume_connection(woken[i]);
}

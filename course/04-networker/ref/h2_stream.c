/* h2_stream.c - streams: requests coming in, answers going out under two windows.
 *
 * Invariants:
 * 1. A stream is in the list from its HEADERS until both sides have ended it or one has reset it.
 *    Frames for one that has gone are no surprise: they were on their way.
 * 2. DATA leaves only as long as the stream's window and the connection's have room, and no more of
 *    it is put into the connection's buffer than OUT_MAX: what waits, waits in its stream, where
 *    others can overtake it.
 * 3. The streams take turns, a frame each.
 *
 * What comes is granted again at once: whether the client may send on is decided by the app's
 * answers, which fill the connection's buffer, and by conn.c, which then stops reading. */
#include "h2.h"

#include "conn.h"
#include "node.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 64 << 10, BODY_MAX = 4 << 20 };

struct conn *h2_conn(const struct h2_stream *s)
{
    return s->h2->conn;
}

struct h2_stream *h2_find(const struct h2 *h, uint32_t id)
{
    struct h2_stream *s = h->streams;

    while (s != NULL && s->id != id)
        s = s->next;
    return s;
}

static struct h2_stream *add(struct h2 *h, uint32_t id)
{
    struct h2_stream *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        node_log("out of memory");
        exit(1);
    }
    s->h2 = h;
    s->id = id;
    s->window = h->initial_window;
    s->receive_window = H2_WINDOW;
    s->body_expected = -1;
    *h->streams_end = s;
    h->streams_end = &s->next;
    h->stream_count++;
    h->conn->busy++;
    return s;
}

static void unlink_stream(struct h2_stream *s)
{
    struct h2 *h = s->h2;
    struct h2_stream **at = &h->streams;

    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    if (h->streams_end == &s->next)
        h->streams_end = at;
}

void h2_drop(struct h2_stream *s)
{
    struct h2 *h = s->h2;

    if (h->app->closed != NULL)
        h->app->closed(s);
    unlink_stream(s);
    h->stream_count--;
    h->conn->busy--;
    headers_release(&s->request);
    headers_release(&s->trailers);
    buffer_release(&s->body);
    buffer_release(&s->pending);
    free(s);
}

void h2_reset(struct h2_stream *s, enum h2_code code)
{
    h2_reset_id(s->h2, s->id, code);
    h2_drop(s);
}

/* ---- requests ---- */

static bool is_for_one_connection(struct bytes name)
{
    static const char *const names[] = {"connection", "keep-alive", "proxy-connection",
                                        "transfer-encoding", "upgrade"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (bytes_are(name, names[i]))
            return true;
    }
    return false;
}

static bool is_pseudo(struct bytes name)
{
    return bytes_are(name, ":method") || bytes_are(name, ":scheme") || bytes_are(name, ":path") ||
           bytes_are(name, ":authority");
}

static bool is_good_header(const struct header *h)
{
    for (size_t i = 0; i < h->name.len; i++) {
        if (isupper((unsigned char)h->name.at[i]))
            return false;
    }
    return h->name.len > 0 && !is_for_one_connection(h->name) &&
           (!bytes_are(h->name, "te") || bytes_are(h->value, "trailers"));
}

/* Names with a colon first, each of them once and none unknown (8.3). */
static bool is_well_formed(const struct headers *h)
{
    bool regular = false;

    for (size_t i = 0; i < h->count; i++) {
        bool pseudo = h->list[i].name.len > 0 && h->list[i].name.at[0] == ':';

        if (!is_good_header(&h->list[i]))
            return false;
        if (pseudo && (regular || !is_pseudo(h->list[i].name)))
            return false;
        for (size_t j = 0; pseudo && j < i; j++) {
            if (bytes_equal(h->list[j].name, h->list[i].name))
                return false;
        }
        regular = !pseudo;
    }
    return headers_get(h, ":method") != NULL && headers_get(h, ":scheme") != NULL &&
           headers_get(h, ":path") != NULL;
}

/* The client has sent all. False: that was not what it had announced, and the stream is gone. */
static bool end_request(struct h2_stream *s)
{
    if (s->body_expected >= 0 && s->body_len != (uint64_t)s->body_expected) {
        h2_reset(s, H2_PROTOCOL_ERROR);
        return false;
    }
    s->request_ended = true;
    return true;
}

static void read_length(struct h2_stream *s)
{
    const struct bytes *length = headers_get(&s->request, "content-length");
    char text[20];

    if (length == NULL || length->len == 0 || length->len >= sizeof(text))
        return;
    memcpy(text, length->at, length->len);
    text[length->len] = '\0';
    s->body_expected = strtoll(text, NULL, 10);
}

static void open_stream(struct h2 *h, uint32_t id, bool ends_stream, struct headers *fields)
{
    struct h2_stream *s;

    h->last_id = id;
    if (!is_well_formed(fields)) {
        h2_reset_id(h, id, H2_PROTOCOL_ERROR);
        return;
    }
    if (h->stream_count == H2_STREAMS_MAX) {
        h2_reset_id(h, id, H2_REFUSED_STREAM);
        return;
    }
    s = add(h, id);
    s->request = *fields;
    *fields = (struct headers){0};
    read_length(s);
    if (ends_stream && !end_request(s))
        return;
    h->app->begun(s);
    if (ends_stream && (s = h2_find(h, id)) != NULL)
        h->app->came(s);
}

bool h2_headers(struct h2 *h, uint32_t id, bool ends_stream, struct headers *fields)
{
    struct h2_stream *s = h2_find(h, id);

    if (s == NULL && id > h->last_id)
        open_stream(h, id, ends_stream, fields);
    else if (s == NULL)
        h2_reset_id(h, id, H2_STREAM_CLOSED);
    else if (s->request_ended)
        h2_reset(s, H2_STREAM_CLOSED);
    else if (!ends_stream) /* trailers are the last (8.1) */
        h2_reset(s, H2_PROTOCOL_ERROR);
    else if (end_request(s))
        h->app->came(s);
    headers_release(fields);
    return true;
}

static void grant(struct h2 *h, uint32_t id, int64_t *window)
{
    uint32_t more = (uint32_t)(H2_WINDOW - *window);
    unsigned char payload[4] = {(unsigned char)(more >> 24), (unsigned char)(more >> 16),
                                (unsigned char)(more >> 8), (unsigned char)more};

    if (*window > H2_WINDOW / 2)
        return;
    *window = H2_WINDOW;
    h2_frame(h, H2_WINDOW_UPDATE, 0, id, (struct bytes){(char *)payload, sizeof(payload)});
}

/* counted: data and padding, which the windows count too */
bool h2_data(struct h2 *h, uint32_t id, bool ends_stream, struct bytes data, size_t counted)
{
    struct h2_stream *s = h2_find(h, id);

    h->receive_window -= (int64_t)counted;
    if (h->receive_window < 0)
        return h2_fail(h, H2_FLOW_CONTROL_ERROR);
    grant(h, 0, &h->receive_window); /* for streams that have gone, too */
    if (s == NULL) {
        h2_reset_id(h, id, H2_STREAM_CLOSED);
        return true;
    }
    s->receive_window -= (int64_t)counted;
    s->body_len += data.len;
    if (s->request_ended || s->receive_window < 0 || s->body.len + data.len > BODY_MAX) {
        h2_reset(s, s->request_ended        ? H2_STREAM_CLOSED
                    : s->receive_window < 0 ? H2_FLOW_CONTROL_ERROR
                                            : H2_ENHANCE_YOUR_CALM);
        return true;
    }
    buffer_put(&s->body, data.at, data.len);
    if (!ends_stream)
        grant(h, id, &s->receive_window);
    if (!ends_stream || end_request(s))
        h->app->came(s);
    return true;
}

/* ---- answers ---- */

/* Connections to which something was written. They are turned when the round is over, and not
 * within a step of one of them, which would close connections under the feet of others. */
static struct h2 *woken;

static void turn_woken(void *owner)
{
    (void)owner;
    while (woken != NULL) {
        struct h2 *h = woken;

        woken = h->next_woken;
        h->woken = false;
        conn_turn(h->conn); /* h may be gone */
    }
}

void h2_wake(struct h2 *h)
{
    if (h->woken)
        return;
    if (woken == NULL)
        node_after(0, turn_woken, NULL);
    h->woken = true;
    h->next_woken = woken;
    woken = h;
}

void h2_forget(struct h2 *h)
{
    struct h2 **at = &woken;

    while (*at != NULL && *at != h)
        at = &(*at)->next_woken;
    if (*at == h)
        *at = h->next_woken;
}

/* A block of headers, in as many frames as it needs. */
static void send_headers(struct h2_stream *s, const struct headers *fields, bool ends_stream)
{
    struct buffer block = {0};
    size_t done = 0, len;
    int type = H2_HEADERS, flags = ends_stream ? H2_END_STREAM : 0;

    hpack_encode(&s->h2->encoder, fields, &block);
    do {
        len = block.len - done < H2_FRAME_MAX ? block.len - done : H2_FRAME_MAX;
        if (done + len == block.len)
            flags |= H2_END_HEADERS;
        h2_frame(s->h2, type, flags, s->id, (struct bytes){buffer_bytes(&block) + done, len});
        type = H2_CONTINUATION;
        flags = 0;
        done += len;
    } while (done < block.len);
    buffer_release(&block);
}

void h2_respond(struct h2_stream *s, const struct headers *fields)
{
    send_headers(s, fields, false);
    h2_wake(s->h2);
}

void h2_write(struct h2_stream *s, struct bytes bytes)
{
    buffer_put(&s->pending, bytes.at, bytes.len);
    h2_wake(s->h2);
}

void h2_finish(struct h2_stream *s, struct headers *trailers)
{
    s->finishing = true;
    if (trailers != NULL) {
        s->trailers = *trailers;
        *trailers = (struct headers){0};
    }
    h2_wake(s->h2);
}

/* Our last word was sent. What the client may still be sending is of no use (8.1). */
static void ended(struct h2_stream *s)
{
    if (s->request_ended)
        h2_drop(s);
    else
        h2_reset(s, H2_NO_ERROR);
}

/* So many of the pending bytes fit through both windows and into one frame. */
static size_t allowed(const struct h2_stream *s)
{
    const struct h2 *h = s->h2;
    int64_t len = (int64_t)s->pending.len;

    len = len < s->window ? len : s->window;
    len = len < h->window ? len : h->window;
    len = len < (int64_t)h->frame_max ? len : (int64_t)h->frame_max;
    return len > 0 ? (size_t)len : 0;
}

/* One frame of this stream, if it has one to send and may; true: it had. The stream may be gone. */
static bool send_one(struct h2_stream *s)
{
    struct h2 *h = s->h2;
    size_t len = allowed(s);
    bool last;

    if (len == 0 && (s->pending.len > 0 || !s->finishing))
        return false;
    if (len == 0 && s->trailers.count > 0) {
        send_headers(s, &s->trailers, true);
        ended(s);
        return true;
    }
    last = s->finishing && s->trailers.count == 0 && len == s->pending.len;
    h2_frame(h, H2_DATA, last ? H2_END_STREAM : 0, s->id,
             (struct bytes){buffer_bytes(&s->pending), len});
    buffer_take(&s->pending, len);
    s->window -= (int64_t)len;
    h->window -= (int64_t)len;
    if (last)
        ended(s);
    else if (s->pending.len == 0 && h->app->sent != NULL)
        h->app->sent(s);
    return true;
}

/* Whoever has gone to the front goes to the end. */
static void to_the_end(struct h2_stream *s)
{
    struct h2 *h = s->h2;

    unlink_stream(s);
    s->next = NULL;
    *h->streams_end = s;
    h->streams_end = &s->next;
}

bool h2_refill(struct conn *c)
{
    struct h2 *h = c->state;
    struct h2_stream *s, *next;
    bool any = false, more = !c->finishing;

    for (s = h->streams; s != NULL && c->peer_done; s = next) {
        next = s->next;
        if (!s->request_ended)
            h2_drop(s); /* the rest of the request will never come */
    }
    while (more && c->out.len < OUT_MAX) {
        more = false;
        for (s = h->streams; s != NULL && c->out.len < OUT_MAX; s = next) {
            uint32_t id = s->id;

            next = s->next;
            if (!send_one(s))
                continue;
            more = any = true;
            if (next != NULL && h2_find(h, id) != NULL && c->out.len >= OUT_MAX)
                to_the_end(s); /* the others first, next time */
        }
    }
    return any;
}

bool h2_more_window(struct h2 *h, uint32_t id, uint32_t more)
{
    struct h2_stream *s = h2_find(h, id);

    if (id == 0) {
        h->window += more;
        if (more == 0 || h->window > H2_WINDOW_MAX)
            return h2_fail(h, more == 0 ? H2_PROTOCOL_ERROR : H2_FLOW_CONTROL_ERROR);
    } else if (s != NULL) {
        s->window += more;
        if (more == 0 || s->window > H2_WINDOW_MAX)
            h2_reset(s, more == 0 ? H2_PROTOCOL_ERROR : H2_FLOW_CONTROL_ERROR);
    }
    return true;
}

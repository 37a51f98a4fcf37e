/* h2.c - frames: what each of them may be, and what it does.
 *
 *     length (3 bytes)  type (1)  flags (1)  stream (4)  payload
 *
 * An error is of a stream or of the connection. It is of the connection whenever the two sides may
 * no longer agree about something that all streams share: where frames begin, the tables of HPACK,
 * the connection's window. Then the last word is GOAWAY with a code and the number of the last
 * stream that was looked at, so that the client knows which requests it may safely repeat. */
#include "h2.h"

#include "conn.h"

#include <stdlib.h>
#include <string.h>

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum { PREFACE_LEN = sizeof(preface) - 1, HEADER_LEN = 9, BLOCK_MAX = 64 << 10 };

struct frame {
    int type, flags;
    uint32_t stream;
    struct bytes payload;
};

static uint32_t number(const char *at, int size)
{
    uint32_t n = 0;

    for (int i = 0; i < size; i++)
        n = n << 8 | (unsigned char)at[i];
    return n;
}

static void put(char *at, uint32_t n, int size)
{
    for (int i = size - 1; i >= 0; i--, n >>= 8)
        at[i] = (char)n;
}

void h2_frame(struct h2 *h, int type, int flags, uint32_t stream, struct bytes payload)
{
    char header[HEADER_LEN];

    put(header, (uint32_t)payload.len, 3);
    header[3] = (char)type;
    header[4] = (char)flags;
    put(header + 5, stream, 4);
    buffer_put(&h->conn->out, header, sizeof(header));
    buffer_put(&h->conn->out, payload.at, payload.len);
}

bool h2_fail(struct h2 *h, enum h2_code code)
{
    char payload[8];

    put(payload, h->last_id, 4);
    put(payload + 4, code, 4);
    h2_frame(h, H2_GOAWAY, 0, 0, (struct bytes){payload, sizeof(payload)});
    conn_finish(h->conn);
    return false;
}

void h2_reset_id(struct h2 *h, uint32_t id, enum h2_code code)
{
    char payload[4];

    put(payload, code, 4);
    h2_frame(h, H2_RST_STREAM, 0, id, (struct bytes){payload, sizeof(payload)});
}

void h2_opened(struct conn *c, const struct h2_app *app)
{
    struct h2 *h = c->state;
    char setting[6];

    h->conn = c;
    h->app = app;
    hpack_init(&h->decoder);
    hpack_init(&h->encoder);
    h->streams_end = &h->streams;
    h->window = h->receive_window = h->initial_window = H2_WINDOW;
    h->frame_max = H2_FRAME_MAX;
    put(setting, 3, 2); /* so many streams at a time; for the rest the defaults will do */
    put(setting + 2, H2_STREAMS_MAX, 4);
    h2_frame(h, H2_SETTINGS, 0, 0, (struct bytes){setting, sizeof(setting)});
}

void h2_closed(struct conn *c)
{
    struct h2 *h = c->state;

    while (h->streams != NULL)
        h2_drop(h->streams);
    h2_forget(h);
    hpack_release(&h->decoder);
    hpack_release(&h->encoder);
    buffer_release(&h->block);
}

/* ---- what a frame does; false: the connection has failed ---- */

/* Takes the padding off (6.1). */
static bool unpad(struct h2 *h, const struct frame *f, struct bytes *ret_rest)
{
    struct bytes rest = f->payload;
    size_t padding;

    if (f->flags & H2_PADDED) {
        if (rest.len == 0)
            return h2_fail(h, H2_FRAME_SIZE_ERROR);
        padding = (unsigned char)rest.at[0];
        if (padding >= rest.len)
            return h2_fail(h, H2_PROTOCOL_ERROR);
        rest = (struct bytes){rest.at + 1, rest.len - 1 - padding};
    }
    *ret_rest = rest;
    return true;
}

static bool on_data(struct h2 *h, const struct frame *f)
{
    struct bytes data;

    if (f->stream == 0 || f->stream > h->last_id || f->stream % 2 == 0)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    return unpad(h, f, &data) &&
           h2_data(h, f->stream, (f->flags & H2_END_STREAM) != 0, data, f->payload.len);
}

/* The block of a stream is whole. */
static bool end_block(struct h2 *h)
{
    struct headers fields = {0};
    uint32_t id = h->block_id;
    bool good =
        hpack_decode(&h->decoder, (unsigned char *)buffer_bytes(&h->block), h->block.len, &fields);

    buffer_release(&h->block);
    h->block_id = 0;
    if (good)
        return h2_headers(h, id, h->block_ends_stream, &fields);
    headers_release(&fields);
    return h2_fail(h, H2_COMPRESSION_ERROR);
}

static bool add_to_block(struct h2 *h, const struct frame *f, struct bytes fragment)
{
    buffer_put(&h->block, fragment.at, fragment.len);
    if (h->block.len > BLOCK_MAX)
        return h2_fail(h, H2_ENHANCE_YOUR_CALM);
    return (f->flags & H2_END_HEADERS) == 0 || end_block(h);
}

static bool on_headers(struct h2 *h, const struct frame *f)
{
    struct bytes rest;

    if (f->stream % 2 == 0) /* 0, or one that only we could open */
        return h2_fail(h, H2_PROTOCOL_ERROR);
    if (!unpad(h, f, &rest))
        return false;
    if (f->flags & H2_HAS_PRIORITY) {
        if (rest.len < 5)
            return h2_fail(h, H2_FRAME_SIZE_ERROR);
        rest = (struct bytes){rest.at + 5, rest.len - 5};
    }
    h->block_id = f->stream;
    h->block_ends_stream = (f->flags & H2_END_STREAM) != 0;
    return add_to_block(h, f, rest);
}

static bool on_reset(struct h2 *h, const struct frame *f)
{
    struct h2_stream *s = h2_find(h, f->stream);

    if (f->payload.len != 4)
        return h2_fail(h, H2_FRAME_SIZE_ERROR);
    if (f->stream == 0 || f->stream > h->last_id)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    if (s != NULL)
        h2_drop(s);
    return true;
}

/* All streams' windows change by as much as the initial one (6.9.2). */
static bool change_initial_window(struct h2 *h, uint32_t window)
{
    if (window > H2_WINDOW_MAX)
        return h2_fail(h, H2_FLOW_CONTROL_ERROR);
    for (struct h2_stream *s = h->streams; s != NULL; s = s->next) {
        s->window += window - h->initial_window;
        if (s->window > H2_WINDOW_MAX)
            return h2_fail(h, H2_FLOW_CONTROL_ERROR);
    }
    h->initial_window = window;
    return true;
}

static bool change_setting(struct h2 *h, uint32_t id, uint32_t value)
{
    switch (id) {
    case 1:
        hpack_resize(&h->encoder, value);
        return true;
    case 2: /* may we push? we never do */
        return value <= 1 || h2_fail(h, H2_PROTOCOL_ERROR);
    case 4:
        return change_initial_window(h, value);
    case 5:
        if (value < H2_FRAME_MAX || value > 0xffffff)
            return h2_fail(h, H2_PROTOCOL_ERROR);
        h->frame_max = value;
        return true;
    default:
        return true;
    }
}

static bool on_settings(struct h2 *h, const struct frame *f)
{
    if (f->stream != 0)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    if (f->flags & H2_ACK)
        return f->payload.len == 0 || h2_fail(h, H2_FRAME_SIZE_ERROR);
    if (f->payload.len % 6 != 0)
        return h2_fail(h, H2_FRAME_SIZE_ERROR);
    for (size_t i = 0; i < f->payload.len; i += 6) {
        if (!change_setting(h, number(f->payload.at + i, 2), number(f->payload.at + i + 2, 4)))
            return false;
    }
    h->settled = true;
    h2_frame(h, H2_SETTINGS, H2_ACK, 0, (struct bytes){"", 0});
    return true;
}

static bool on_ping(struct h2 *h, const struct frame *f)
{
    if (f->stream != 0)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    if (f->payload.len != 8)
        return h2_fail(h, H2_FRAME_SIZE_ERROR);
    if ((f->flags & H2_ACK) == 0)
        h2_frame(h, H2_PING, H2_ACK, 0, f->payload);
    return true;
}

static bool on_window_update(struct h2 *h, const struct frame *f)
{
    if (f->payload.len != 4)
        return h2_fail(h, H2_FRAME_SIZE_ERROR);
    if (f->stream > h->last_id)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    return h2_more_window(h, f->stream, number(f->payload.at, 4) & 0x7fffffff);
}

static bool on_continuation(struct h2 *h, const struct frame *f)
{
    return h->block_id != 0 ? add_to_block(h, f, f->payload) : h2_fail(h, H2_PROTOCOL_ERROR);
}

static bool on_frame(struct h2 *h, const struct frame *f)
{
    /* Between the parts of a header block nothing else may stand (6.10). */
    if (h->block_id != 0 && (f->type != H2_CONTINUATION || f->stream != h->block_id))
        return h2_fail(h, H2_PROTOCOL_ERROR);
    if (!h->settled && f->type != H2_SETTINGS)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    switch (f->type) {
    case H2_DATA:
        return on_data(h, f);
    case H2_HEADERS:
        return on_headers(h, f);
    case H2_PRIORITY:
        return f->stream != 0 || h2_fail(h, H2_PROTOCOL_ERROR);
    case H2_RST_STREAM:
        return on_reset(h, f);
    case H2_SETTINGS:
        return on_settings(h, f);
    case H2_PUSH_PROMISE:
        return h2_fail(h, H2_PROTOCOL_ERROR);
    case H2_PING:
        return on_ping(h, f);
    case H2_WINDOW_UPDATE:
        return on_window_update(h, f);
    case H2_CONTINUATION:
        return on_continuation(h, f);
    default:
        return true; /* GOAWAY, and types that nobody knows yet (5.5) */
    }
}

static bool greet(struct h2 *h, struct buffer *in)
{
    size_t len = in->len < PREFACE_LEN ? in->len : PREFACE_LEN;

    if (len > 0 && memcmp(buffer_bytes(in), preface, len) != 0)
        return h2_fail(h, H2_PROTOCOL_ERROR);
    if (len < PREFACE_LEN)
        return false;
    h->greeted = true;
    buffer_take(in, PREFACE_LEN);
    return true;
}

bool h2_step(struct conn *c)
{
    struct h2 *h = c->state;
    struct frame f;
    const char *at;
    size_t len;

    if (!h->greeted)
        return greet(h, &c->in);
    if (c->in.len < HEADER_LEN)
        return false;
    at = buffer_bytes(&c->in);
    len = number(at, 3);
    if (len > H2_FRAME_MAX)
        return h2_fail(h, H2_FRAME_SIZE_ERROR);
    if (c->in.len < HEADER_LEN + len)
        return false;
    f = (struct frame){.type = (unsigned char)at[3],
                       .flags = (unsigned char)at[4],
                       .stream = number(at + 5, 4) & 0x7fffffff,
                       .payload = {at + HEADER_LEN, len}};
    if (!on_frame(h, &f))
        return false;
    buffer_take(&c->in, HEADER_LEN + len);
    return true;
}

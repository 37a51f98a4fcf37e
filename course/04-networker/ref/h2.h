/* h2.h - HTTP/2 (RFC 9113), the server's side: many streams on one connection.
 *
 *     bytes ──▶ h2.c: frames ──▶ h2_stream.c: streams ──▶ the app: requests
 *                                        │
 *     bytes ◀── frames ◀── windows ◀─────┘ what the app has written
 *
 * An app is told of a request, of its body as it comes, and of its end; it answers when it likes.
 * What it writes waits in the stream until both windows, the stream's and the connection's, have
 * room; what can leave leaves at the end of the round, so an app may write to any stream at any
 * time. */
#ifndef NETWORKER_H2_H
#define NETWORKER_H2_H

#include "buffer.h"
#include "headers.h"
#include "hpack.h"

#include <stdbool.h>
#include <stdint.h>

struct conn;
struct h2;

enum h2_code {
    H2_NO_ERROR = 0,
    H2_PROTOCOL_ERROR = 1,
    H2_FLOW_CONTROL_ERROR = 3,
    H2_STREAM_CLOSED = 5,
    H2_FRAME_SIZE_ERROR = 6,
    H2_REFUSED_STREAM = 7,
    H2_CANCEL = 8,
    H2_COMPRESSION_ERROR = 9,
    H2_ENHANCE_YOUR_CALM = 11,
};

struct h2_stream {
    struct h2_stream *next;
    struct h2 *h2;
    uint32_t id;
    struct headers request;
    struct buffer body;      /* what has come and the app has not taken */
    uint64_t body_len;       /* of all that has come */
    int64_t body_expected;   /* content-length; -1: not said */
    bool request_ended;      /* the client sends no more */
    int64_t window;          /* bytes of DATA that the client lets us send; may be below 0 */
    int64_t receive_window;  /* that we let it send */
    struct buffer pending;   /* DATA that waits */
    struct headers trailers; /* after the last of them */
    bool finishing;          /* no more is written */
    void *state;             /* the app's */
};

struct h2_app {
    void (*begun)(struct h2_stream *s);  /* the headers are there */
    void (*came)(struct h2_stream *s);   /* the body has grown, or ended */
    void (*sent)(struct h2_stream *s);   /* NULL, or: nothing is pending any more */
    void (*closed)(struct h2_stream *s); /* NULL, or: it is over, in whatever way */
};

struct h2 {
    struct conn *conn;
    const struct h2_app *app;
    bool greeted, settled; /* the preface has come; and the first SETTINGS */
    struct hpack decoder, encoder;
    struct h2_stream *streams, **streams_end;
    int stream_count;
    uint32_t last_id;
    int64_t window, receive_window; /* of the connection */
    int64_t initial_window;         /* of new streams, as the client has it */
    size_t frame_max;               /* that the client takes */
    uint32_t block_id;              /* the stream whose header block is not at its end; 0: none */
    bool block_ends_stream;
    struct buffer block;
    struct h2 *next_woken; /* in the list of those with something to send */
    bool woken;
};

/* For protocols on top of it: struct h2 is their state. */
void h2_opened(struct conn *c, const struct h2_app *app);
bool h2_step(struct conn *c);
bool h2_refill(struct conn *c);
void h2_closed(struct conn *c);

/* For apps. */
struct conn *h2_conn(const struct h2_stream *s);
void h2_respond(struct h2_stream *s, const struct headers *h); /* first */
void h2_write(struct h2_stream *s, struct bytes bytes);
void h2_finish(struct h2_stream *s, struct headers *trailers); /* takes them; NULL: none */
void h2_reset(struct h2_stream *s, enum h2_code code);         /* s is gone afterwards */

/* Between h2.c and h2_stream.c. */
void h2_frame(struct h2 *h, int type, int flags, uint32_t stream, struct bytes payload);
bool h2_fail(struct h2 *h, enum h2_code code); /* the whole connection; false, to be passed on */
struct h2_stream *h2_find(const struct h2 *h, uint32_t id);
bool h2_headers(struct h2 *h, uint32_t id, bool ends_stream, struct headers *fields); /* takes */
bool h2_data(struct h2 *h, uint32_t id, bool ends_stream, struct bytes data, size_t counted);
bool h2_more_window(struct h2 *h, uint32_t id, uint32_t more);
void h2_drop(struct h2_stream *s);
void h2_wake(struct h2 *h);
void h2_forget(struct h2 *h); /* it is no more: not to be woken */
void h2_reset_id(struct h2 *h, uint32_t id, enum h2_code code);

enum {
    H2_DATA,
    H2_HEADERS,
    H2_PRIORITY,
    H2_RST_STREAM,
    H2_SETTINGS,
    H2_PUSH_PROMISE,
    H2_PING,
    H2_GOAWAY,
    H2_WINDOW_UPDATE,
    H2_CONTINUATION
};
enum { H2_END_STREAM = 1, H2_ACK = 1, H2_END_HEADERS = 4, H2_PADDED = 8, H2_HAS_PRIORITY = 32 };
enum { H2_FRAME_MAX = 16384, H2_WINDOW = 65535, H2_STREAMS_MAX = 1000 };
#define H2_WINDOW_MAX INT64_C(0x7fffffff)

#endif

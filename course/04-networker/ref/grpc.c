/* grpc.c - the protocol "grpc" on top of h2_stream.c: prefixes, deadlines, statuses.
 *
 * A message is not a DATA frame: it may lie in many, and many may lie in one, so messages are taken
 * from the front of the body as frames.c takes frames. The status comes last, in the trailers,
 * since only then is it known; an answer without messages consists of trailers only. HTTP's own
 * status is 200 whatever happens, unless this was no gRPC at all. */
#include "grpc.h"

#include "conn.h"
#include "guard.h"
#include "h2.h"
#include "listener.h"
#include "node.h"
#include "protos.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX = 5, MESSAGE_MAX = 1 << 20 };

void grpc_send(struct grpc_call *c, struct bytes message)
{
    struct headers head = {0};
    unsigned char prefix[PREFIX] = {0, (unsigned char)(message.len >> 24),
                                    (unsigned char)(message.len >> 16),
                                    (unsigned char)(message.len >> 8), (unsigned char)message.len};

    if (!c->answered) {
        headers_add_text(&head, ":status", "200");
        headers_add_text(&head, "content-type", "application/grpc");
        h2_respond(c->stream, &head);
        headers_release(&head);
        c->answered = true;
    }
    h2_write(c->stream, (struct bytes){(char *)prefix, sizeof(prefix)});
    h2_write(c->stream, message);
}

size_t grpc_waiting(const struct grpc_call *c)
{
    return c->stream->pending.len;
}

/* Whatever ends a call passes here once. */
static void over(struct grpc_call *c, enum grpc_status status)
{
    c->ended = true;
    node_cancel(c->deadline_timer);
    if (c->method != NULL && c->method->closed != NULL)
        c->method->closed(c);
    guard_log(c, status);
}

void grpc_end(struct grpc_call *c, enum grpc_status status, const char *text)
{
    struct headers trailers = {0};
    char number[8];

    if (c->ended)
        return;
    if (!c->answered) {
        headers_add_text(&trailers, ":status", "200");
        headers_add_text(&trailers, "content-type", "application/grpc");
    }
    snprintf(number, sizeof(number), "%d", status);
    headers_add_text(&trailers, "grpc-status", number);
    if (text != NULL)
        headers_add_text(&trailers, "grpc-message", text);
    h2_finish(c->stream, &trailers);
    over(c, status);
}

/* ---- deadlines ---- */

static void on_deadline(void *owner)
{
    grpc_end(owner, GRPC_DEADLINE_EXCEEDED, "the deadline has passed");
}

/* At most 8 digits and a unit: H, M, S, m(illi), u, n. In milliseconds, rounded up; -1: malformed.
 */
static int64_t timeout_ms(struct bytes text)
{
    int64_t n = 0;

    if (text.len < 2 || text.len > 9)
        return -1;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return -1;
        n = 10 * n + text.at[i] - '0';
    }
    switch (text.at[text.len - 1]) {
    case 'H':
        return n * 3600000;
    case 'M':
        return n * 60000;
    case 'S':
        return n * 1000;
    case 'm':
        return n;
    case 'u':
        return (n + 999) / 1000;
    case 'n':
        return (n + 999999) / 1000000;
    default:
        return -1;
    }
}

static void set_deadline(struct grpc_call *c)
{
    const struct bytes *text = headers_get(&c->stream->request, "grpc-timeout");
    int64_t ms = text == NULL ? INT_MAX : timeout_ms(*text);

    if (ms < 0)
        grpc_end(c, GRPC_INTERNAL, "grpc-timeout is malformed");
    else if (ms < INT_MAX)
        c->deadline_timer = node_after((int)ms, on_deadline, c);
}

/* ---- requests ---- */

static bool is_grpc(const struct h2_stream *s)
{
    const struct bytes *type = headers_get(&s->request, "content-type");
    size_t len = strlen("application/grpc");

    return type != NULL && type->len >= len && memcmp(type->at, "application/grpc", len) == 0 &&
           (type->len == len || type->at[len] == '+' || type->at[len] == ';') &&
           bytes_are(*headers_get(&s->request, ":method"), "POST");
}

static void refuse_http(struct h2_stream *s)
{
    struct headers answer = {0};

    headers_add_text(&answer, ":status", "415");
    h2_finish(s, &answer);
}

static void begun(struct h2_stream *s)
{
    struct grpc_call *c;
    enum grpc_status status;
    const char *why;

    if (!is_grpc(s)) {
        refuse_http(s);
        return;
    }
    c = calloc(1, sizeof(*c));
    if (c == NULL) {
        node_log("out of memory");
        exit(1);
    }
    c->stream = s;
    c->begun_ms = node_now_ms();
    s->state = c;
    status = guard_admit(h2_conn(s)->listener->guard, c, &why);
    if (status != GRPC_OK) {
        grpc_end(c, status, why);
        return;
    }
    c->method = grpc_find(*headers_get(&s->request, ":path"));
    if (c->method == NULL)
        grpc_end(c, GRPC_UNIMPLEMENTED, "there is no such method");
    else
        set_deadline(c);
}

/* The message at the front of the body; false: it is not there yet, or the call has ended. */
static bool first_message(struct grpc_call *c, struct bytes *ret_message)
{
    const struct buffer *body = &c->stream->body;
    const unsigned char *b = (const unsigned char *)buffer_bytes(body);
    size_t len;

    if (body->len < PREFIX)
        return false;
    len = (size_t)b[1] << 24 | (size_t)b[2] << 16 | (size_t)b[3] << 8 | b[4];
    if (b[0] != 0) {
        grpc_end(c, b[0] == 1 ? GRPC_UNIMPLEMENTED : GRPC_INTERNAL,
                 "compressed messages are not taken");
        return false;
    }
    if (len > MESSAGE_MAX) {
        grpc_end(c, GRPC_RESOURCE_EXHAUSTED, "the message is too long");
        return false;
    }
    *ret_message = (struct bytes){(const char *)b + PREFIX, len};
    return body->len >= PREFIX + len;
}

static void on_message(struct grpc_call *c, struct bytes message)
{
    c->message_count++;
    if (c->method->streams)
        c->method->message(c, message);
    else if (c->message_count > 1)
        grpc_end(c, GRPC_UNIMPLEMENTED, "this method takes one message");
    else
        buffer_put(&c->message, message.at, message.len);
}

static void on_request_end(struct grpc_call *c)
{
    if (c->stream->body.len > 0)
        grpc_end(c, GRPC_INTERNAL, "the last message is cut off");
    else if (c->method->streams)
        c->method->half_closed(c);
    else if (c->message_count == 0)
        grpc_end(c, GRPC_UNIMPLEMENTED, "this method takes one message");
    else
        c->method->message(c, (struct bytes){buffer_bytes(&c->message), c->message.len});
}

static void came(struct h2_stream *s)
{
    struct grpc_call *c = s->state;
    struct bytes message;

    while (c != NULL && !c->ended && first_message(c, &message)) {
        on_message(c, message);
        buffer_take(&s->body, PREFIX + message.len);
    }
    if (c != NULL && !c->ended && s->request_ended)
        on_request_end(c);
    if (c == NULL || c->ended)
        buffer_release(&s->body);
}

static void sent(struct h2_stream *s)
{
    struct grpc_call *c = s->state;

    if (c != NULL && !c->ended && c->method->sent != NULL)
        c->method->sent(c);
}

static void closed(struct h2_stream *s)
{
    struct grpc_call *c = s->state;

    if (c == NULL)
        return;
    if (!c->ended)
        over(c, GRPC_CANCELLED);
    buffer_release(&c->message);
    free(c);
}

static const struct h2_app app = {.begun = begun, .came = came, .sent = sent, .closed = closed};

static void opened(struct conn *c)
{
    h2_opened(c, &app);
}

const struct proto grpc_proto = {.name = "grpc",
                                 .state_size = sizeof(struct h2),
                                 .opened = opened,
                                 .step = h2_step,
                                 .refill = h2_refill,
                                 .closed = h2_closed};

/* grpc_kv.c - the service kv.Store.
 *
 *     Put {key=1, value=2} -> {}    Get {key=1} -> {value=1}    Slow {ms=1} -> {}
 *     Watch {prefix=1} -> stream {key=1, value=2, revision=3}
 *     Sync stream {key=1, value=2} -> stream {revision=1}
 *
 * A watcher is a revision: all up to it has been sent. While less than WAITING_MAX bytes wait for
 * it, each put is sent at once; then it is left alone until they have gone, and goes on from its
 * revision through the entries of kv.c, where values that have been overtaken are no more. So a
 * reader that stands still costs a fixed amount of memory, and nobody any time. */
#include "grpc.h"
#include "kv.h"
#include "node.h"
#include "pb.h"

#include <stdlib.h>
#include <string.h>

enum { WAITING_MAX = 64 << 10 };

struct request {
    struct bytes key, value; /* the fields 1 and 2 as bytes, */
    uint64_t number;         /* and field 1 as a number */
};

static bool read_request(struct grpc_call *c, struct bytes message, struct request *ret_request)
{
    struct pb_reader r = pb_read(message);
    struct request q = {.key = {"", 0}, .value = {"", 0}};
    struct pb_field f;

    while (pb_next(&r, &f)) {
        if (f.number == 1 && f.type == PB_VARINT)
            q.number = f.varint;
        else if (f.number == 1 && f.type == PB_BYTES)
            q.key = f.bytes;
        else if (f.number == 2 && f.type == PB_BYTES)
            q.value = f.bytes;
    }
    if (r.broken)
        grpc_end(c, GRPC_INTERNAL, "the message cannot be read");
    *ret_request = q;
    return !r.broken;
}

static bool read_key(struct grpc_call *c, struct bytes message, struct request *ret_request)
{
    if (!read_request(c, message, ret_request))
        return false;
    if (ret_request->key.len == 0)
        grpc_end(c, GRPC_INVALID_ARGUMENT, "the key is empty");
    return ret_request->key.len > 0;
}

static void send_empty(struct grpc_call *c)
{
    grpc_send(c, (struct bytes){"", 0});
    grpc_end(c, GRPC_OK, NULL);
}

static void put(struct grpc_call *c, struct bytes message)
{
    struct request q;

    if (!read_key(c, message, &q))
        return;
    kv_put(q.key, q.value);
    send_empty(c);
}

static void get(struct grpc_call *c, struct bytes message)
{
    const struct kv_entry *e;
    struct buffer answer = {0};
    struct request q;

    if (!read_key(c, message, &q))
        return;
    e = kv_get(q.key);
    if (e == NULL) {
        grpc_end(c, GRPC_NOT_FOUND, "there is no such key");
        return;
    }
    pb_put_bytes_if_any(&answer, 1, e->value);
    grpc_send(c, (struct bytes){buffer_bytes(&answer), answer.len});
    grpc_end(c, GRPC_OK, NULL);
    buffer_release(&answer);
}

/* ---- Slow: its state is a timer's number ---- */

static void on_slept(void *owner)
{
    send_empty(owner);
}

static void slow(struct grpc_call *c, struct bytes message)
{
    struct request q;

    if (!read_request(c, message, &q))
        return;
    c->state =
        (void *)(uintptr_t)node_after(q.number > 1000000 ? 1000000 : (int)q.number, on_slept, c);
}

static void forget_sleep(struct grpc_call *c)
{
    node_cancel((uint64_t)(uintptr_t)c->state);
}

/* ---- Watch ---- */

struct watcher {
    struct watcher *next, **at;
    struct grpc_call *call;
    uint64_t seen; /* all up to this revision has been sent */
    size_t prefix_len;
    char prefix[];
};

static struct watcher *watchers;

static void send_entry(struct watcher *w, const struct kv_entry *e)
{
    struct buffer message = {0};

    pb_put_bytes(&message, 1, e->key);
    pb_put_bytes_if_any(&message, 2, e->value);
    pb_put_number(&message, 3, e->revision);
    grpc_send(w->call, (struct bytes){buffer_bytes(&message), message.len});
    buffer_release(&message);
}

static void feed(struct watcher *w)
{
    const struct kv_entry *e;

    if (grpc_waiting(w->call) >= WAITING_MAX)
        return;
    for (e = kv_after(w->seen); e != NULL && grpc_waiting(w->call) < WAITING_MAX; e = e->newer) {
        if (e->key.len >= w->prefix_len && memcmp(e->key.at, w->prefix, w->prefix_len) == 0)
            send_entry(w, e);
        w->seen = e->revision;
    }
}

static void feed_all(void)
{
    for (struct watcher *w = watchers; w != NULL; w = w->next)
        feed(w);
}

static void watch(struct grpc_call *c, struct bytes message)
{
    struct watcher *w;
    struct request q;

    if (c->state != NULL || !read_request(c, message, &q))
        return;
    w = malloc(sizeof(*w) + q.key.len);
    if (w == NULL) {
        node_log("out of memory");
        exit(1);
    }
    *w = (struct watcher){.next = watchers, .at = &watchers, .call = c, .prefix_len = q.key.len};
    memcpy(w->prefix, q.key.at, q.key.len);
    if (watchers != NULL)
        watchers->at = &w->next;
    watchers = w;
    c->state = w;
    kv_on_put(feed_all);
    feed(w);
}

static void watch_half_closed(struct grpc_call *c)
{
    if (c->message_count == 0)
        grpc_end(c, GRPC_UNIMPLEMENTED, "this method takes one message");
}

static void watch_sent(struct grpc_call *c)
{
    if (c->state != NULL)
        feed(c->state);
}

static void watch_closed(struct grpc_call *c)
{
    struct watcher *w = c->state;

    if (w == NULL)
        return;
    *w->at = w->next;
    if (w->next != NULL)
        w->next->at = w->at;
    free(w);
    c->state = NULL;
}

/* ---- Sync ---- */

static void sync_put(struct grpc_call *c, struct bytes message)
{
    struct buffer answer = {0};
    struct request q;

    if (!read_key(c, message, &q))
        return;
    pb_put_number(&answer, 1, kv_put(q.key, q.value));
    grpc_send(c, (struct bytes){buffer_bytes(&answer), answer.len});
    buffer_release(&answer);
}

static void sync_end(struct grpc_call *c)
{
    grpc_end(c, GRPC_OK, NULL);
}

const struct grpc_method *grpc_find(struct bytes path)
{
    static const struct grpc_method methods[] = {
        {.path = "/kv.Store/Put", .message = put},
        {.path = "/kv.Store/Get", .message = get},
        {.path = "/kv.Store/Slow", .message = slow, .closed = forget_sleep},
        {.path = "/kv.Store/Watch",
         .streams = true,
         .message = watch,
         .half_closed = watch_half_closed,
         .sent = watch_sent,
         .closed = watch_closed},
        {.path = "/kv.Store/Sync", .streams = true, .message = sync_put, .half_closed = sync_end},
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (path.len == strlen(methods[i].path) && memcmp(path.at, methods[i].path, path.len) == 0)
            return &methods[i];
    }
    return NULL;
}

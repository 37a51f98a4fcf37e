/* trace.c - a ring of envelopes. Before trace_begin() nothing is kept.
 *
 * The time is taken when the message passes, not when somebody asks; from the monotonic clock,
 * because the wall clock may be set back and then effects would come before their causes. */
#include "trace.h"

#include "json.h"
#include "loop.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { NS_PER_MS = 1000000 };

struct entry {
    int64_t at_ms;
    enum trace_dir dir;
    char *peer, *type; /* type: NULL if the message had none */
    int64_t msg_id, in_reply_to;
    bool has_msg_id, has_in_reply_to;
};

static struct entry entries[TRACE_MAX]; /* number i stands at i % TRACE_MAX */
static size_t total;
static int64_t began_ns;
static bool begun;

void trace_begin(void)
{
    begun = true;
    began_ns = loop_now_ns();
}

void trace_add(enum trace_dir dir, const char *peer, const struct json *body)
{
    struct entry *e = &entries[total % TRACE_MAX];
    const char *type = json_text_of(json_get(body, "type"));
    struct json *msg_id = json_get(body, "msg_id"), *in_reply_to = json_get(body, "in_reply_to");

    if (!begun)
        return;
    free(e->peer);
    free(e->type);
    *e = (struct entry){
        .at_ms = (loop_now_ns() - began_ns) / NS_PER_MS,
        .dir = dir,
        .peer = strdup(peer),
        .type = type != NULL ? strdup(type) : NULL,
        .msg_id = json_int_of(msg_id, 0),
        .in_reply_to = json_int_of(in_reply_to, 0),
        .has_msg_id = msg_id != NULL,
        .has_in_reply_to = in_reply_to != NULL,
    };
    total++;
}

static struct json *entry_json(const struct entry *e)
{
    struct json *v = json_object();

    json_set(v, "at_ms", json_int(e->at_ms));
    json_set(v, "dir", json_string(e->dir == TRACE_IN ? "in" : "out"));
    json_set(v, "peer", json_string(e->peer));
    json_set(v, "type", e->type != NULL ? json_string(e->type) : json_null());
    if (e->has_msg_id)
        json_set(v, "msg_id", json_int(e->msg_id));
    if (e->has_in_reply_to)
        json_set(v, "in_reply_to", json_int(e->in_reply_to));
    return v;
}

struct json *trace_entries(size_t limit)
{
    struct json *list = json_array();
    size_t held = total < TRACE_MAX ? total : TRACE_MAX;
    size_t wanted = limit < held ? limit : held;

    for (size_t i = total - wanted; i < total; i++)
        json_push(list, entry_json(&entries[i % TRACE_MAX]));
    return list;
}

/* calls.c - requests that ask one other node: proxy (once), relay (again and again), start (the
 * answer comes later, as a message of its own). */
#include "answers.h"
#include "handlers.h"
#include "json.h"
#include "node.h"
#include "retry.h"
#include "rpc.h"

#include <stdlib.h>

static const char *text_of(const struct request *r, const char *field)
{
    return json_text_of(json_get(r->body, field));
}

static int64_t int_of(const struct request *r, const char *field)
{
    return json_int_of(json_get(r->body, field), 0);
}

static void proxy_event(struct call *c, void *owner, const struct json *reply)
{
    struct request *r = owner;

    (void)c;
    if (reply != NULL)
        answer_pass_on(r, "proxy_ok", reply);
    else
        node_error(r, NODE_TIMEOUT, "the other node did not answer in time");
    node_free(r);
}

void on_proxy(const struct request *r)
{
    rpc_open(text_of(r, "target"), json_get(r->body, "inner"), int_of(r, "timeout_ms"), proxy_event,
             node_keep(r));
}

static void relay_done(void *owner, const struct json *reply, int code)
{
    struct request *r = owner;

    if (reply != NULL)
        answer_pass_on(r, "relay_ok", reply);
    else
        node_error(r, code, "no attempt was answered with more than a refusal");
    node_free(r);
}

void on_relay(const struct request *r)
{
    struct retry_plan plan = {
        .timeout_ms = int_of(r, "timeout_ms"),
        .attempts = (int)int_of(r, "attempts"),
        .base_ms = int_of(r, "base_ms"),
        .cap_ms = int_of(r, "cap_ms"),
    };

    retry_call(text_of(r, "target"), json_get(r->body, "inner"), &plan, relay_done, node_keep(r));
}

struct started {
    struct request *request;
    struct json *tag; /* kept */
};

static void started_event(struct call *c, void *owner, const struct json *reply)
{
    struct started *s = owner;
    struct json *done = node_body("done");

    (void)c;
    json_set(done, "tag", s->tag);
    json_set(done, "outcome", json_string(reply != NULL ? "reply" : "expired"));
    if (reply != NULL)
        json_set(done, "reply", answer_stripped(reply));
    node_tell(s->request->src, done);
    node_free(s->request);
    json_free(s->tag);
    free(s);
}

void on_start(const struct request *r)
{
    struct started *s = calloc(1, sizeof(*s));

    if (s == NULL)
        abort();
    s->request = node_keep(r);
    s->tag = json_keep(json_get(r->body, "tag"));
    node_reply(r, node_body("start_ok"));
    rpc_open(text_of(r, "target"), json_get(r->body, "inner"), int_of(r, "ttl_ms"), started_event,
             s);
}

void on_pending(const struct request *r)
{
    struct json *reply = node_body("pending_ok");

    json_set(reply, "count", json_int((int64_t)rpc_open_count()));
    node_reply(r, reply);
}

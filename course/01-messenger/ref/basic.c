/* basic.c - requests that need nobody else. */
#include "chaos.h"
#include "handlers.h"
#include "json.h"
#include "loop.h"
#include "node.h"
#include "schema.h"
#include "timers.h"
#include "trace.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static const char *kind_of(const struct json *v)
{
    static const char *const kinds[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "bool",     [JSON_INT] = "number",
        [JSON_REAL] = "number",   [JSON_STRING] = "string", [JSON_ARRAY] = "list",
        [JSON_OBJECT] = "object",
    };
    return kinds[v->type];
}

static size_t length_of(const struct json *v)
{
    return v->type == JSON_STRING ? utf8_points(v->string, v->len) : json_len(v);
}

void on_inspect(const struct request *r)
{
    struct json *payload = json_get(r->body, "payload");
    struct json *reply = node_body("inspect_ok");

    json_set(reply, "kind", json_string(kind_of(payload)));
    json_set(reply, "length", json_int((int64_t)length_of(payload)));
    json_set(reply, "payload", payload);
    node_reply(r, reply);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void on_whoami(const struct request *r)
{
    const char **peers = json_scratch(node_count() * sizeof(char *));
    struct json *reply = node_body("whoami_ok"), *list = json_array();
    size_t count = 0;

    for (size_t i = 0; i < node_count(); i++) {
        if (strcmp(node_member(i), node_name()) != 0)
            peers[count++] = node_member(i);
    }
    qsort(peers, count, sizeof(char *), by_bytes);
    for (size_t i = 0; i < count; i++)
        json_push(list, json_string(peers[i]));
    json_set(reply, "node_id", json_string(node_name()));
    json_set(reply, "peers", list);
    json_set(reply, "majority", json_int((int64_t)node_count() / 2 + 1));
    node_reply(r, reply);
}

void on_echo(const struct request *r)
{
    struct json *reply = node_body("echo_ok");

    json_set(reply, "echo", json_get(r->body, "echo"));
    node_reply(r, reply);
}

struct waiter {
    struct timer timer;
    struct request *request;
    int64_t ms;
};

static void waited(struct timer *t)
{
    struct waiter *w = TIMER_OWNER(t, struct waiter, timer);
    struct json *reply = node_body("wait_ok");

    json_set(reply, "ms", json_int(w->ms));
    node_reply(w->request, reply);
    node_free(w->request);
    free(w);
}

void on_wait(const struct request *r)
{
    struct waiter *w = calloc(1, sizeof(*w));

    if (w == NULL)
        abort();
    w->timer.run = waited;
    w->request = node_keep(r);
    w->ms = json_int_of(json_get(r->body, "ms"), 0);
    loop_after(&w->timer, w->ms);
}

void on_trace(const struct request *r)
{
    struct json *reply = node_body("trace_ok");
    int64_t limit = json_int_of(json_get(r->body, "limit"), 0);

    json_set(reply, "entries", trace_entries((size_t)limit));
    node_reply(r, reply);
}

void on_chaos(const struct request *r)
{
    chaos_begin(schema_number_of(json_get(r->body, "drop")),
                schema_number_of(json_get(r->body, "duplicate")),
                (uint64_t)json_int_of(json_get(r->body, "seed"), 0));
    node_reply(r, node_body("chaos_ok"));
}

void on_chaos_off(const struct request *r)
{
    chaos_end();
    node_reply(r, node_body("chaos_off_ok"));
}

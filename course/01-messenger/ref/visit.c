/* visit.c - a chain of nodes, each with the time that the ones before have left it.
 *
 * What travels is a duration, not a point in time: the clocks of two nodes need not agree, the
 * length of a millisecond does. A node measures how long it has had the request and hands on the
 * rest. What the wire takes nobody can measure from one side; so the last node may believe that it
 * has a little more time than it has, and the first, whose clock runs from the client's request,
 * is the one that keeps the promise. */
#include "answers.h"
#include "handlers.h"
#include "json.h"
#include "loop.h"
#include "node.h"
#include "rpc.h"
#include "timers.h"

#include <stdlib.h>

enum { NS_PER_MS = 1000000 };

struct visit {
    struct timer timer;
    struct request *request;
    struct json *path; /* kept: the nodes still to be visited */
    int64_t work_ms;
    int64_t began_ns, deadline_ms;
};

static void visit_free(struct visit *v)
{
    node_free(v->request);
    json_free(v->path);
    free(v);
}

static void refuse(struct visit *v, const char *text)
{
    node_error(v->request, NODE_TIMEOUT, text);
    visit_free(v);
}

static void succeed(struct visit *v, const struct json *visited_after)
{
    struct json *reply = node_body("visit_ok"), *visited = json_array();

    json_push(visited, json_string(node_name()));
    for (size_t i = 0; i < json_len(visited_after); i++)
        json_push(visited, json_at(visited_after, i));
    json_set(reply, "visited", visited);
    node_reply(v->request, reply);
    visit_free(v);
}

static void answered(struct call *c, void *owner, const struct json *reply)
{
    struct visit *v = owner;

    (void)c;
    if (reply == NULL)
        refuse(v, "the time was up before the next node answered");
    else if (answer_is_error(reply))
        refuse(v, "a node further on could not finish in time");
    else
        succeed(v, json_get(reply, "visited"));
}

static struct json *rest_of(const struct json *path)
{
    struct json *rest = json_array();

    for (size_t i = 1; i < json_len(path); i++)
        json_push(rest, json_at(path, i));
    return rest;
}

static void worked(struct timer *t)
{
    struct visit *v = TIMER_OWNER(t, struct visit, timer);
    int64_t left_ms = v->deadline_ms - (loop_now_ns() - v->began_ns + NS_PER_MS - 1) / NS_PER_MS;
    struct json *inner;

    if (json_len(v->path) == 0) {
        succeed(v, NULL);
        return;
    }
    if (left_ms <= 0 || left_ms < v->work_ms) {
        refuse(v, "too little time is left for the next node");
        return;
    }
    inner = node_body("visit");
    json_set(inner, "path", rest_of(v->path));
    json_set(inner, "work_ms", json_int(v->work_ms));
    json_set(inner, "deadline_ms", json_int(left_ms));
    rpc_open(json_text_of(json_at(v->path, 0)), inner, left_ms, answered, v);
}

void on_visit(const struct request *r)
{
    struct visit *v = calloc(1, sizeof(*v));

    if (v == NULL)
        abort();
    v->timer.run = worked;
    v->request = node_keep(r);
    v->path = json_keep(json_get(r->body, "path"));
    v->work_ms = json_int_of(json_get(r->body, "work_ms"), 0);
    v->deadline_ms = json_int_of(json_get(r->body, "deadline_ms"), 0);
    v->began_ns = loop_now_ns();
    if (v->deadline_ms < v->work_ms)
        refuse(v, "there is less time than the work takes");
    else
        loop_after(&v->timer, v->work_ms);
}

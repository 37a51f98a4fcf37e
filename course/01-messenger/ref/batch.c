/* batch.c - many calls at the same time, one answer in the order in which they were asked for.
 *
 * Each call knows its place in the list, so answers may arrive in any order. Each ends exactly once
 * (rpc.h), so counting down to none is enough to know that all places are filled. */
#include "answers.h"
#include "handlers.h"
#include "json.h"
#include "node.h"
#include "rpc.h"

#include <stdlib.h>

struct batch {
    struct request *request;
    size_t count, left;
    struct json **results; /* kept */
};

struct place {
    struct batch *batch;
    size_t index;
};

static void finish(struct batch *b)
{
    struct json *reply = node_body("batch_ok"), *results = json_array();

    for (size_t i = 0; i < b->count; i++)
        json_push(results, b->results[i]);
    json_set(reply, "results", results);
    node_reply(b->request, reply);

    for (size_t i = 0; i < b->count; i++)
        json_free(b->results[i]);
    node_free(b->request);
    free(b->results);
    free(b);
}

static void place_event(struct call *c, void *owner, const struct json *reply)
{
    struct place *p = owner;
    struct batch *b = p->batch;
    struct json *result = json_object();

    (void)c;
    if (reply == NULL)
        json_set(result, "error", json_int(NODE_TIMEOUT));
    else if (answer_is_error(reply))
        json_set(result, "error", json_int(answer_code(reply)));
    else
        json_set(result, "reply", answer_stripped(reply));
    b->results[p->index] = json_keep(result);
    free(p);
    if (--b->left == 0)
        finish(b);
}

static void call_place(struct batch *b, size_t index, const struct json *call, int64_t timeout_ms)
{
    struct place *p = malloc(sizeof(*p));

    if (p == NULL)
        abort();
    *p = (struct place){.batch = b, .index = index};
    rpc_open(json_text_of(json_get(call, "target")), json_get(call, "inner"), timeout_ms,
             place_event, p);
}

void on_batch(const struct request *r)
{
    struct json *calls = json_get(r->body, "calls");
    struct batch *b = calloc(1, sizeof(*b));

    if (b == NULL)
        abort();
    b->request = node_keep(r);
    b->count = b->left = json_len(calls);
    b->results = calloc(b->count + 1, sizeof(struct json *));
    if (b->results == NULL)
        abort();
    for (size_t i = 0; i < b->count; i++)
        call_place(b, i, json_at(calls, i), json_int_of(json_get(r->body, "timeout_ms"), 0));
    if (b->count == 0)
        finish(b);
}

/* rpc.c - the table of open calls.
 *
 * Invariants: 1. A call is in the table exactly as long as its timer runs or its event is running.
 * 2. Its event is called at most once for each answer and once for each time it waits, never after
 * it was closed. 3. Only the node that was asked can answer: any other may know the number as well,
 * from an old life or by chance.
 *
 * The table is a hash of chains. Ids count up, so the low bits alone spread them evenly. A list
 * would do for ten open calls; with ten thousand each answer would walk half of it. */
#include "rpc.h"

#include "json.h"
#include "loop.h"
#include "node.h"
#include "timers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct call {
    struct call *next; /* in its chain */
    int64_t msg_id;
    char *target;
    struct json *body; /* kept, for repeats */
    struct timer timer;
    rpc_event event;
    void *owner;
    bool stays; /* the running event wants the call to stay open */
};

static struct call **chains;
static size_t chain_count; /* a power of two */
static size_t open_count;

static struct call **chain_of(int64_t msg_id)
{
    return &chains[(size_t)msg_id & (chain_count - 1)];
}

static void insert(struct call *c)
{
    struct call **chain = chain_of(c->msg_id);

    c->next = *chain;
    *chain = c;
}

static void grow(void)
{
    struct call **old = chains;
    size_t old_count = chain_count;

    chain_count = old_count == 0 ? 64 : 2 * old_count;
    chains = calloc(chain_count, sizeof(struct call *));
    if (chains == NULL)
        abort();
    for (size_t i = 0; i < old_count; i++) {
        while (old[i] != NULL) {
            struct call *c = old[i];

            old[i] = c->next;
            insert(c);
        }
    }
    free(old);
}

static void close_call(struct call *c)
{
    struct call **at = chain_of(c->msg_id);

    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    open_count--;
    timer_stop(&c->timer);
    json_free(c->body);
    free(c->target);
    free(c);
}

static void happen(struct call *c, const struct json *reply)
{
    c->stays = false;
    c->event(c, c->owner, reply);
    if (!c->stays)
        close_call(c);
}

static void time_is_up(struct timer *t)
{
    happen(TIMER_OWNER(t, struct call, timer), NULL);
}

static struct json *with_id(const struct json *inner, int64_t msg_id)
{
    struct json *body = json_object();

    for (uint32_t i = 0; i < inner->len; i++)
        json_set(body, inner->members[i].key, inner->members[i].value);
    json_set(body, "msg_id", json_int(msg_id));
    return json_keep(body);
}

void rpc_open(const char *target, const struct json *inner, int64_t timeout_ms, rpc_event event,
              void *owner)
{
    struct call *c = calloc(1, sizeof(*c));

    if (c == NULL)
        abort();
    c->msg_id = node_new_id();
    c->target = strdup(target);
    c->body = with_id(inner, c->msg_id);
    c->timer.run = time_is_up;
    c->event = event;
    c->owner = owner;
    if (open_count >= chain_count)
        grow();
    open_count++;
    insert(c);
    loop_after(&c->timer, timeout_ms);
    node_send(c->target, c->body);
}

void rpc_keep(struct call *c)
{
    c->stays = true;
}

void rpc_wait(struct call *c, int64_t timeout_ms)
{
    c->stays = true;
    loop_after(&c->timer, timeout_ms);
}

void rpc_repeat(struct call *c)
{
    node_send(c->target, c->body);
}

void rpc_answer(const char *src, int64_t in_reply_to, const struct json *body)
{
    struct call *c = chain_count > 0 ? *chain_of(in_reply_to) : NULL;

    while (c != NULL && c->msg_id != in_reply_to)
        c = c->next;
    if (c != NULL && strcmp(c->target, src) == 0)
        happen(c, body);
}

size_t rpc_open_count(void)
{
    return open_count;
}

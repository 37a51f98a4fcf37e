/* tally.c - a request with an effect. Nothing here guards against repeats: they do not get here
 * (dedupe.h). */
#include "handlers.h"
#include "json.h"
#include "loop.h"
#include "node.h"
#include "timers.h"

#include <stdlib.h>

struct work {
    struct timer timer;
    struct request *request;
    int64_t amount;
};

static int64_t total;

static void apply(const struct request *r, int64_t amount)
{
    struct json *reply = node_body("tally_ok");

    total += amount;
    json_set(reply, "total", json_int(total));
    node_reply(r, reply);
}

static void worked(struct timer *t)
{
    struct work *w = TIMER_OWNER(t, struct work, timer);

    apply(w->request, w->amount);
    node_free(w->request);
    free(w);
}

void on_tally(const struct request *r)
{
    int64_t wait_ms = json_int_of(json_get(r->body, "wait_ms"), 0);
    int64_t amount = json_int_of(json_get(r->body, "amount"), 0);
    struct work *w;

    if (wait_ms == 0) {
        apply(r, amount);
        return;
    }
    w = calloc(1, sizeof(*w));
    if (w == NULL)
        abort();
    w->timer.run = worked;
    w->request = node_keep(r);
    w->amount = amount;
    loop_after(&w->timer, wait_ms);
}

/* retry.c - one call, several attempts.
 *
 *                    +-- answer other than 11 --> done
 *     attempt k -----+-- time is up --> pause (backoff) --> attempt k + 1 ... or done
 *                    +-- error 11: note it; the attempt lasts as long as it would have anyway
 *
 * All attempts are the same message with the same msg_id: the peer can see that they are one
 * request, and an answer to any of them is the answer. The call stays open during a pause as well,
 * since a slow answer is an answer. A refusal with 11 does not make the next attempt come sooner: a
 * peer that says "not now" is not helped by being asked again at once.
 *
 * What to say at the end? Each refused attempt certainly did nothing. A silent one may have done
 * everything but answer. So the code is 11 only if every attempt was refused, else 0: nobody
 * knows. */
#include "retry.h"

#include "answers.h"
#include "backoff.h"
#include "node.h"
#include "rpc.h"

#include <stdbool.h>
#include <stdlib.h>

struct retry {
    struct retry_plan plan;
    int sent;    /* attempts so far */
    int refused; /* answers with code 11 */
    bool pausing;
    retry_done done;
    void *owner;
};

static void finish(struct retry *r, const struct json *reply, int code)
{
    r->done(r->owner, reply, code);
    free(r);
}

static void send_again(struct retry *r, struct call *c)
{
    r->pausing = false;
    r->sent++;
    rpc_repeat(c);
    rpc_wait(c, r->plan.timeout_ms);
}

static void on_time_up(struct retry *r, struct call *c)
{
    int64_t pause_ms = 0;

    if (r->sent == r->plan.attempts) {
        finish(r, NULL, r->refused >= r->sent ? NODE_UNAVAILABLE : NODE_TIMEOUT);
        return;
    }
    if (!r->pausing)
        pause_ms = backoff_delay_ms(r->plan.base_ms, r->plan.cap_ms, r->sent);
    if (pause_ms == 0) {
        send_again(r, c);
        return;
    }
    r->pausing = true;
    rpc_wait(c, pause_ms);
}

static void on_event(struct call *c, void *owner, const struct json *reply)
{
    struct retry *r = owner;

    if (reply == NULL) {
        on_time_up(r, c);
    } else if (!answer_is_error(reply) || answer_code(reply) != NODE_UNAVAILABLE) {
        finish(r, reply, 0);
    } else {
        r->refused++;
        rpc_keep(c);
    }
}

void retry_call(const char *target, const struct json *inner, const struct retry_plan *plan,
                retry_done done, void *owner)
{
    struct retry *r = malloc(sizeof(*r));

    if (r == NULL)
        abort();
    *r = (struct retry){.plan = *plan, .sent = 1, .done = done, .owner = owner};
    rpc_open(target, inner, plan->timeout_ms, on_event, r);
}

/* swim.c - SWIM (Das, Gupta, Motivala 2002).
 *
 *     every period        ping the next member of a shuffled list (4.3), 300 ms
 *     no ack              ping_req to three others, who ping it for us, 600 ms
 *     no ack from them    suspect it
 *     suspect, 5 periods  dead
 *     "I am suspect"      alive, with the next incarnation (members.c)
 *
 * Whatever happens, a node sends one ping a period of its own accord and is pinged once on average,
 * in a cluster of any size. All news rides on these messages.
 *
 * Two things are not in the paper. A message to somebody whom we believe suspect or dead begins
 * with that news, and in the last periods of a suspicion we ping the suspect besides: nobody is
 * declared dead without having been asked. And who refutes does not wait for its next period (as in
 * Lifeguard: Dadgar, Phillips, Currey 2018). */
#include "swim.h"

#include "members.h"

#include <stdlib.h>
#include <string.h>

enum {
    PERIOD_MS = 1000,
    DIRECT_MS = 300,
    INDIRECT_MS = 600,
    RELAYS = 3,
    SUSPECT_MS = 5 * PERIOD_MS,
    HEARING_MS = 2 * PERIOD_MS, /* from then on a suspect is asked besides */
};

static bool on;
static bool started;
static struct member **order; /* whom to ping, in turns */
static int order_count, order_next;

struct probe {
    struct member *target;
    int open; /* questions that are not answered yet */
    bool acked;
};

static void ping(struct member *m, int wait_ms, node_answer answer, void *owner)
{
    node_call(m->name, wait_ms, answer, owner, "ping", "news", members_news(m->name), NULL);
}

static void ignore(void *owner, const struct message *m);

static void hear(const struct message *m)
{
    struct member *some[RELAYS];
    int count;

    members_of(m->src);
    if (!members_hear(json_get(m->body, "news")))
        return;
    count = members_draw(RELAYS, "", some);
    for (int i = 0; i < count; i++)
        ping(some[i], DIRECT_MS, ignore, NULL);
}

static void ignore(void *owner, const struct message *m)
{
    (void)owner;
    if (m != NULL)
        hear(m);
}

/* One question of a probe is over: 4.1. */
static void indirect_answer(void *owner, const struct message *m)
{
    struct probe *p = owner;

    if (m != NULL) {
        p->acked = true;
        hear(m);
    }
    if (--p->open > 0)
        return;
    if (!p->acked)
        members_accuse(p->target, MEMBER_SUSPECT);
    free(p);
}

static void direct_answer(void *owner, const struct message *m)
{
    struct probe *p = owner;
    struct member *relays[RELAYS];

    if (m != NULL) {
        hear(m);
        free(p);
        return;
    }
    p->open = members_draw(RELAYS, p->target->name, relays);
    if (p->open == 0) {
        members_accuse(p->target, MEMBER_SUSPECT);
        free(p);
        return;
    }
    for (int i = 0; i < RELAYS && i < p->open; i++)
        node_call(relays[i]->name, INDIRECT_MS, indirect_answer, p, "ping_req", "target",
                  json_string(p->target->name), "news", members_news(relays[i]->name), NULL);
}

/* A new round: everybody once, in an order of our own (4.3). */
static void shuffle(void)
{
    order = realloc(order, (size_t)members_count() * sizeof(struct member *));
    if (order == NULL)
        abort();
    order_count = order_next = 0;
    for (int i = 1; i < members_count(); i++) {
        int j = (int)(node_random() % (uint64_t)(order_count + 1));

        order[order_count++] = order[j];
        order[j] = members_at(i);
    }
}

/* NULL: there is nobody but us. */
static struct member *next_target(void)
{
    for (int tries = 0; tries <= 2 * members_count(); tries++) {
        if (order_next == order_count)
            shuffle();
        if (order_next < order_count && order[order_next++]->state != MEMBER_DEAD)
            return order[order_next - 1];
    }
    return NULL;
}

static void judge_suspects(void)
{
    for (int i = 1; i < members_count(); i++) {
        struct member *m = members_at(i);
        int64_t age_ms = node_now_ms() - m->since_ms;

        if (m->state != MEMBER_SUSPECT || age_ms < HEARING_MS)
            continue;
        if (age_ms >= SUSPECT_MS)
            members_accuse(m, MEMBER_DEAD);
        else
            ping(m, DIRECT_MS, ignore, NULL);
    }
}

static void period(void *owner)
{
    struct member *target = on ? next_target() : NULL;
    struct probe *p;

    (void)owner;
    if (!on)
        return;
    judge_suspects();
    if (target == NULL)
        return;
    p = calloc(1, sizeof(*p));
    if (p == NULL)
        abort();
    p->target = target;
    ping(target, DIRECT_MS, direct_answer, p);
}

static void begin_periods(void *owner)
{
    period(owner);
    node_every(PERIOD_MS, period, NULL);
}

static void on_ping(const struct message *m)
{
    if (!on)
        return;
    hear(m);
    node_reply(m, "ack", "news", members_news(m->src), NULL);
}

static void relay_answer(void *owner, const struct message *m)
{
    struct message *asked = owner;

    if (m != NULL) {
        hear(m);
        node_reply(asked, "ack", "news", members_news(asked->src), NULL);
    }
    node_free(asked);
}

static void on_ping_req(const struct message *m)
{
    const char *target = json_text_of(json_get(m->body, "target"));

    if (!on)
        return;
    hear(m);
    if (target != NULL)
        ping(members_of(target), DIRECT_MS, relay_answer, node_keep(m));
}

void swim_members(const struct message *m)
{
    node_reply(m, "members_ok", "alive", members_names(MEMBER_ALIVE), "suspect",
               members_names(MEMBER_SUSPECT), "dead", members_names(MEMBER_DEAD), NULL);
}

void swim_mode(bool wanted)
{
    on = wanted;
    if (!on || started)
        return;
    started = true;
    members_begin();
    node_after((int)(node_random() % PERIOD_MS), begin_periods, NULL);
}

bool swim_is_on(void)
{
    return on;
}

void swim_requests(void)
{
    node_on("ping", on_ping);
    node_on("ping_req", on_ping_req);
}

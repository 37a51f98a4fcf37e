/* The laws of world.h, held by random scenarios: faults come and go, nodes chatter and crash,
 * clients come and leave, timers are set and cancelled, and the sink calls back into the world. */
#include "story.h"

#include "../base/prng.h"
#include "../base/test.h"

enum { SCENARIO_COUNT = 1000, STEP_COUNT = 60, NODES_MAX = 5, US = 1000 };

/* What happened, as a hash over every call of the sink and every timer. */
struct trace {
    struct world *world;
    struct prng chance; /* of the scenario, not of the world */
    uint64_t hash;
    uint64_t calls;
    uint32_t client_count;
    uint64_t timers[4];
    /* Law 2. */
    uint64_t delivered, dropped;
    /* Law 3, for pairs of one constant latency: the last id delivered by pair. */
    bool in_order;
    uint64_t last_id[NODES_MAX][NODES_MAX];
};

static void mix(struct trace *t, const void *data, size_t len)
{
    const unsigned char *bytes = data;
    size_t i;

    for (i = 0; i < len; i++)
        t->hash = (t->hash ^ bytes[i]) * 0x100000001b3u;
}

static void mix_number(struct trace *t, uint64_t number)
{
    mix(t, &number, sizeof(number));
}

static void mix_message(struct trace *t, uint64_t what, const struct message *m)
{
    t->calls++;
    mix_number(t, what);
    mix_number(t, (uint64_t)world_now(t->world));
    mix_number(t, m->id);
    mix_number(t, (uint64_t)m->sent_ns);
    mix_number(t, (uint64_t)m->src << 32 | m->dest);
    mix(t, m->body, m->body_len);
}

static void on_sent(void *owner, const struct message *m)
{
    mix_message(owner, 1, m);
}

static void on_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    struct trace *t = owner;

    t->dropped++;
    mix_message(t, 10 + reason, m);
}

static void on_service(void *owner, const struct message *m)
{
    struct trace *t = owner;

    t->delivered++;
    mix_message(t, 4, m);
}

static void on_client(void *owner, struct message *m)
{
    struct trace *t = owner;

    t->delivered++;
    mix_message(t, 3, m);
}

static void send_somewhere(struct trace *t, endpoint_t src)
{
    static const char *const bodies[] = {
        "{\"type\":\"read\",\"key\":1,\"msg_id\":1}",
        "{\"type\":\"write\",\"key\":1,\"value\":5,\"msg_id\":2}",
        "{\"type\":\"cas\",\"key\":1,\"from\":5,\"to\":6,\"msg_id\":3}",
        "{\"type\":\"ts\",\"msg_id\":4}",
        "{}",
    };
    uint32_t count = world_node_count(t->world) + 4 + t->client_count;
    endpoint_t dest = (endpoint_t)prng_below(&t->chance, count);

    world_send(t->world, src, dest, str_of(bodies[prng_below(&t->chance, 5)]));
}

static void on_node(void *owner, struct message *m)
{
    struct trace *t = owner;

    t->delivered++;
    mix_message(t, 2, m);
    if (m->src < world_node_count(t->world)) {
        if (m->id < t->last_id[m->src][m->dest])
            t->in_order = false;
        t->last_id[m->src][m->dest] = m->id;
    }
    if (prng_chance(&t->chance, 0.6))
        send_somewhere(t, m->dest);
}

static void on_timer(void *owner, uint64_t cookie)
{
    struct trace *t = owner;

    mix_number(t, 77 + cookie);
    send_somewhere(t, (endpoint_t)prng_below(&t->chance, world_node_count(t->world)));
}

static void change_faults(struct trace *t)
{
    struct prng *p = &t->chance;
    uint32_t n = world_node_count(t->world);
    endpoint_t a = (endpoint_t)prng_below(p, n);
    endpoint_t b = (endpoint_t)prng_below(p, n);

    switch (prng_below(p, 7)) {
    case 0:
        world_set_loss(t->world, prng_unit(p));
        break;
    case 1:
        world_set_duplication(t->world, prng_unit(p) / 2);
        break;
    case 2:
        world_set_reorder(t->world, prng_unit(p), 300 * US);
        break;
    case 3:
        world_set_slow(t->world, prng_unit(p) * 4);
        break;
    case 4:
        world_set_down(t->world, a, prng_chance(p, 0.5));
        break;
    case 5:
        world_cut(t->world, a, b, true);
        break;
    default:
        world_heal(t->world);
    }
}

static void step(struct trace *t, bool with_faults)
{
    struct prng *p = &t->chance;
    uint32_t n = world_node_count(t->world);
    uint64_t *timer = &t->timers[prng_below(p, 4)];
    endpoint_t src;
    uint64_t i;

    switch (prng_below(p, 6)) {
    case 0:
        if (with_faults)
            change_faults(t);
        break;
    case 1:
        *timer = world_at(t->world, world_now(t->world) + (int64_t)prng_below(p, 500 * US),
                          on_timer, t, prng_below(p, 9));
        break;
    case 2:
        world_cancel(t->world, *timer);
        break;
    case 3:
        world_client_new(t->world);
        t->client_count++;
        if (prng_chance(p, 0.5))
            world_client_gone(t->world, n + 4 + (endpoint_t)prng_below(p, t->client_count));
        break;
    default: /* a burst, so that there are messages due at the same time */
        src = (endpoint_t)prng_below(p, n);
        for (i = prng_below(p, 8); i > 0; i--)
            send_somewhere(t, src);
    }
    world_advance(t->world, world_now(t->world) + (int64_t)prng_below(p, 200 * US), 50);
}

/* One scenario from its seed; check it as it goes, if asked to. */
static struct trace run(uint64_t scenario, uint64_t world_seed, bool with_faults, bool check)
{
    static const char *const names[NODES_MAX] = {"n0", "n1", "n2", "n3", "n4"};
    struct trace t = {.hash = 0xcbf29ce484222325u, .in_order = true};
    struct world_config c = {.seed = world_seed, .node_names = names};
    int i;

    prng_init(&t.chance, scenario, "scenario");
    c.node_count = 1 + (uint32_t)prng_below(&t.chance, NODES_MAX);
    c.latency_ns = (int64_t)prng_below(&t.chance, 3) * 50 * US;
    if (with_faults)
        c.latency_dist = (enum latency_dist)prng_below(&t.chance, 3);
    c.sink = (struct world_sink){&t, on_sent, on_dropped, on_node, on_client, on_service, NULL};
    t.world = world_new(&c);
    for (i = 0; i < STEP_COUNT; i++) {
        step(&t, with_faults);
        if (check) {
            struct net_counts n;

            world_check(t.world);
            world_net(t.world, &n);
            CHECK_INT(n.all.received, t.delivered);
            CHECK(n.all.sent >= t.delivered + t.dropped && n.all.sent >= n.all.messages);
        }
    }
    world_free(t.world);
    t.world = NULL;
    return t;
}

TEST(law_1_same_seed_same_calls_same_trace)
{
    uint64_t scenario;

    for (scenario = 0; scenario < SCENARIO_COUNT; scenario++) {
        struct trace a = run(scenario, scenario, true, false);
        struct trace b = run(scenario, scenario, true, false);

        CHECK_INT(a.hash, b.hash);
        CHECK_INT(a.calls, b.calls);
    }
}

TEST(another_seed_of_the_world_gives_another_trace)
{
    uint64_t scenario;
    int differing = 0;

    for (scenario = 0; scenario < 100; scenario++)
        differing += run(scenario, 1, true, false).hash != run(scenario, 2, true, false).hash;
    CHECK(differing > 50); /* where no chance of the world came into play, none differs */
}

TEST(law_2_every_copy_is_waiting_delivered_or_dropped)
{
    uint64_t scenario;

    for (scenario = 0; scenario < SCENARIO_COUNT / 5; scenario++)
        run(scenario, scenario, true, true);
}

TEST(law_3_equal_latencies_keep_the_order_of_sending)
{
    uint64_t scenario;

    for (scenario = 0; scenario < SCENARIO_COUNT / 5; scenario++)
        CHECK(run(scenario, scenario, false, false).in_order);
}

/* Goal: switching one fault on does not shift the chance of the others.
 * Method: the same messages with and without reordering lose the same ones. */
TEST(faults_draw_from_streams_of_their_own)
{
    uint64_t lost[2];
    int with_reorder, i;

    for (with_reorder = 0; with_reorder < 2; with_reorder++) {
        struct story *s = story_new((struct world_config){.seed = 5, .node_count = 2});

        s->is_quiet = true;
        world_set_loss(s->world, 0.5);
        if (with_reorder)
            world_set_reorder(s->world, 0.5, US);
        lost[with_reorder] = 0;
        for (i = 0; i < 60; i++) {
            uint64_t before = s->dropped[DROP_LOSS];

            story_send(s, "n0", "n1", "{}");
            story_finish(s);
            lost[with_reorder] = lost[with_reorder] << 1 | (s->dropped[DROP_LOSS] > before);
        }
        story_free(s);
    }
    CHECK_INT(lost[0], lost[1]);
}

TEST(a_named_stream_depends_on_the_seed_and_its_name_only)
{
    struct story *s = story_new((struct world_config){.seed = 5, .node_count = 1});
    struct story *other = story_new((struct world_config){.seed = 5, .node_count = 1});
    struct prng *p = world_prng(s->world, "nemesis");
    uint64_t first = prng_next(p);

    CHECK(world_prng(s->world, "another") != p);
    CHECK(world_prng(s->world, "nemesis") == p);
    prng_next(world_prng(other->world, "another"));
    CHECK_INT(prng_next(world_prng(other->world, "nemesis")), first);
    story_free(other);
    story_free(s);
}

/* The messages of a task and their counts, beside a plain recount. */
#include "observe.h"

#include "../base/mem.h"
#include "../base/test.h"

#include <stdio.h>

struct field {
    struct world *world;
    struct observe *observe;
};

static void on_sent(void *owner, const struct message *m)
{
    observe_sent(((struct field *)owner)->observe, (struct message *)(uintptr_t)m);
}

static void on_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    observe_dropped(((struct field *)owner)->observe, m->id, drop_reason_text(reason));
}

static void on_arrived(void *owner, struct message *m)
{
    struct field *f = owner;

    observe_received(f->observe, m->id, world_now(f->world));
}

static void on_service(void *owner, const struct message *m)
{
    struct field *f = owner;

    observe_received(f->observe, m->id, world_now(f->world));
}

static void open_field(struct field *f)
{
    static const char *const names[] = {"n0", "n1", "n2"};
    struct world_config config = {
        .seed = 1,
        .node_count = 3,
        .node_names = names,
        .latency_ns = 1000,
        .sink = {f, on_sent, on_dropped, on_arrived, on_arrived, on_service, NULL},
    };

    f->world = world_new(&config);
    f->observe = observe_new(f->world);
}

static void close_field(struct field *f)
{
    observe_free(f->observe);
    world_free(f->world);
}

static void send(struct field *f, uint32_t from, uint32_t to, const char *body)
{
    world_send(f->world, from, to, str_of(body));
}

TEST(a_message_is_seen_from_its_sending_to_its_end)
{
    struct field f;
    const struct observed *r;

    open_field(&f);
    world_cut(f.world, 0, 2, true);
    send(&f, 0, 1, "{\"type\":\"a\",\"msg_id\":7}");
    send(&f, 0, 2, "{\"in_reply_to\":-3,\"type\":\"b\\u0041\"}");
    r = observe_at(f.observe, 0);
    CHECK(r->received_ns == -1 && r->dropped == NULL && r->msg_id == 7 &&
          r->in_reply_to == OBSERVE_NO_ID && r->from == 0 && r->to == 1);
    world_advance(f.world, 5000, UINT64_MAX);
    CHECK_INT(observe_at(f.observe, 0)->received_ns, 1000);
    r = observe_at(f.observe, 1);
    CHECK_TEXT(r->dropped, "partition");
    CHECK(r->received_ns == -1 && r->in_reply_to == -3);
    CHECK(str_is(observe_type_text(f.observe, r->type), "bA"));
    close_field(&f);
}

TEST(odd_types_and_ids_are_none)
{
    static const char *const bodies[] = {
        "{}",
        "{\"type\":5}",
        "{\"type\":null}",
        "{\"msg_id\":1.5}",
        "{\"msg_id\":\"1\"}",
        "{\"x\":{\"type\":\"inner\",\"msg_id\":3}}",
    };
    struct field f;
    size_t i;

    open_field(&f);
    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        send(&f, 0, 1, bodies[i]);
    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        CHECK_INT(observe_at(f.observe, i)->type, OBSERVE_NO_TYPE);
        CHECK(observe_at(f.observe, i)->msg_id == OBSERVE_NO_ID);
    }
    CHECK_INT(observe_type(f.observe, STR_LIT("inner")), -2);
    close_field(&f);
}

/* A copy that arrives counts, whatever became of the other. */
TEST(one_copy_that_arrives_is_an_arrival)
{
    struct field f;

    open_field(&f);
    send(&f, 0, 1, "{}");
    observe_dropped(f.observe, 0, "loss");
    observe_received(f.observe, 0, 9);
    observe_received(f.observe, 0, 12);
    observe_dropped(f.observe, 0, "loss");
    CHECK_INT(observe_at(f.observe, 0)->received_ns, 9);
    CHECK(observe_at(f.observe, 0)->dropped == NULL);
    close_field(&f);
}

static struct observe_counts recount(struct observe *o, const struct observe_filter *f)
{
    struct observe_counts sum = {0};
    uint64_t id;

    for (id = 0; id < observe_len(o); id++) {
        const struct observed *r = observe_at(o, id);
        if ((f->from != ENDPOINT_NONE && f->from != r->from) ||
            (f->to != ENDPOINT_NONE && f->to != r->to) ||
            (f->type != -1 && f->type != (int64_t)r->type) || r->sent_ns < f->since_ns ||
            r->sent_ns > f->until_ns || (f->from_kind == ENDPOINT_CLIENT && r->from < 3) ||
            (f->from_kind == ENDPOINT_NODE && r->from >= 3))
            continue;
        sum.count++;
        sum.bytes += r->bytes;
    }
    return sum;
}

TEST(counts_are_those_of_a_recount)
{
    struct field f;
    uint32_t i;
    uint32_t client;

    open_field(&f);
    client = world_client_new(f.world);
    for (i = 0; i < 3000; i++) {
        char body[64];
        snprintf(body, sizeof(body), "{\"type\":\"t%u\",\"i\":%u}", i % 7, i * i);
        world_advance(f.world, i * 10, UINT64_MAX);
        send(&f, i % 5 == 4 ? client : i % 3, (i / 3) % 3, body);
        if (i % 500 != 0)
            continue;
        for (uint32_t k = 0; k < 64; k++) {
            struct observe_filter w = OBSERVE_ANY;
            struct observe_counts seen;
            struct observe_counts wanted;
            if (k & 1)
                w.from = k % 3;
            if (k & 2)
                w.to = (k / 3) % 3;
            if (k & 4)
                w.type = observe_type(f.observe, STR_LIT("t3"));
            if (k & 8)
                w.since_ns = i * 5;
            if (k & 16)
                w.until_ns = i * 8;
            if (k & 32)
                w.from_kind = k & 1 ? ENDPOINT_NODE : ENDPOINT_CLIENT;
            seen = observe_count(f.observe, &w);
            wanted = recount(f.observe, &w);
            CHECK_INT(seen.count, wanted.count);
            CHECK_INT(seen.bytes, wanted.bytes);
        }
    }
    close_field(&f);
}

TEST(walking_gives_each_once_in_order)
{
    struct field f;
    struct observe_filter w = OBSERVE_ANY;
    uint64_t id;
    uint64_t count = 0;
    uint32_t i;

    open_field(&f);
    for (i = 0; i < 100; i++) {
        world_advance(f.world, i * 10, UINT64_MAX);
        send(&f, i % 3, (i + 1) % 3, "{\"type\":\"x\"}");
    }
    w.from = 1;
    w.since_ns = 500;
    for (id = observe_next(f.observe, &w, 0); id < observe_len(f.observe);
         id = observe_next(f.observe, &w, id + 1)) {
        CHECK(id % 3 == 1 && id >= 50);
        count++;
    }
    CHECK_INT(count, 16);
    close_field(&f);
}

/* Beyond the cap there are no bodies, but the counts go on. */
TEST(bodies_have_a_cap)
{
    struct field f;
    char *body = mem_alloc((1 << 20) + 1);
    struct observe_filter all = OBSERVE_ANY;
    uint32_t i;

    memset(body, ' ', 1 << 20);
    body[0] = '{';
    body[(1 << 20) - 1] = '}';
    body[1 << 20] = '\0';
    open_field(&f);
    for (i = 0; i < (OBSERVE_BYTES_MAX >> 20) + 3; i++) {
        send(&f, 0, 1, body);
        world_advance(f.world, (i + 1) * 2000, UINT64_MAX);
    }
    CHECK(observe_at(f.observe, (OBSERVE_BYTES_MAX >> 20) - 1)->m != NULL);
    CHECK(observe_at(f.observe, OBSERVE_BYTES_MAX >> 20)->m == NULL);
    CHECK_INT(observe_at(f.observe, OBSERVE_BYTES_MAX >> 20)->received_ns % 2000, 1000);
    CHECK_INT(observe_count(f.observe, &all).count, (OBSERVE_BYTES_MAX >> 20) + 3);
    close_field(&f);
    mem_free(body);
}

#include "decisions.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/test.h"
#include "../check/history.h"
#include "fates.h"

#include <stdlib.h>

enum { MS = 1000000 };

/* Two nodes and a client; what arrives and what is lost is written down. */
struct stage {
    struct world *world;
    struct decisions *decisions;
    struct fates fates;
    struct buf told;
    struct buf arrivals; /* without what was lost: when it was, is not kept */
};

static void on_fate(void *owner, const struct message *m, struct message_fate *fate)
{
    struct stage *s = owner;

    fates_decide(&s->fates, m, fate);
}

static void ignore(void *owner, const struct message *m)
{
    (void)owner, (void)m;
}

static void on_dropped(void *owner, const struct message *m, enum drop_reason reason)
{
    struct stage *s = owner;

    decisions_dropped(s->decisions, m, reason);
    buf_addf(&s->told, "%lld %s %.*s\n", (long long)world_now(s->world) / MS,
             drop_reason_text(reason), (int)m->body_len, m->body);
}

static void on_arrived(void *owner, struct message *m)
{
    struct stage *s = owner;

    buf_addf(&s->told, "%lld %.*s\n", (long long)world_now(s->world) / MS, (int)m->body_len,
             m->body);
    buf_addf(&s->arrivals, "%lld %.*s\n", (long long)world_now(s->world), (int)m->body_len,
             m->body);
}

static struct stage *stage_new(const json_t *given, bool record, uint64_t seed)
{
    static const char *const names[] = {"n0", "n1"};
    struct stage *s = mem_zalloc(sizeof(*s));
    struct world_config world = {
        .seed = seed,
        .node_count = 2,
        .node_names = names,
        .latency_ns = 10 * MS,
        .latency_dist = LATENCY_EXPONENTIAL,
        .sink = {s, ignore, on_dropped, on_arrived, on_arrived, ignore, on_fate},
    };
    struct decisions_config config = {.latency_ns = 10 * MS, .given = given, .record = record};
    struct err err = {.text = ""};

    s->world = world_new(&world);
    config.world = s->world;
    if (decisions_new(&config, &s->decisions, &err) < 0)
        fail_msg("%s", err.text);
    decisions_add_calm(s->decisions, &s->fates);
    decisions_add_fates(s->decisions, &s->fates);
    world_client_new(s->world);
    buf_reserve(&s->told, 1);
    return s;
}

static void stage_free(struct stage *s)
{
    decisions_free(s->decisions);
    world_free(s->world);
    buf_release(&s->told);
    buf_release(&s->arrivals);
    mem_free(s);
}

static void send(struct stage *s, uint32_t src, uint32_t dest, const char *body)
{
    world_send(s->world, src, dest, str_of(body));
}

static void finish(struct stage *s)
{
    while (world_next_ns(s->world) != INT64_MAX)
        world_advance(s->world, world_next_ns(s->world), UINT64_MAX);
}

static json_t *given(const char *messages)
{
    struct buf text = {0};
    json_t *o;

    buf_addf(&text,
             "{\"workers\":[\"n0\"],\"operations\":[],\"final\":[],\"faults\":[],\"end\":0,"
             "\"messages\":%s}",
             messages);
    o = json_loads(text.data, 0, NULL);
    CHECK(o != NULL);
    buf_release(&text);
    return o;
}

TEST(what_is_not_decided_is_calm)
{
    json_t *none = given("[]");
    struct stage *s = stage_new(none, false, 1);

    world_set_duplication(s->world, 1);
    send(s, 0, 1, "{\"type\":\"a\"}");
    send(s, 1, world_find(s->world, STR_LIT("c0")), "{\"type\":\"b\"}");
    finish(s);
    CHECK_TEXT(s->told.data, "0 {\"type\":\"b\"}\n10 {\"type\":\"a\"}\n");
    stage_free(s);
    json_decref(none);
}

TEST(a_noisy_run_leaves_the_rest_to_chance)
{
    json_t *noisy =
        given("[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1,\"lost\":true}]");
    struct stage *s;

    json_object_set_new(noisy, "noisy", json_true());
    s = stage_new(noisy, false, 1);
    world_set_duplication(s->world, 1);
    send(s, 0, 1, "{\"type\":\"a\"}");
    send(s, 0, 1, "{\"type\":\"b\"}");
    finish(s);
    CHECK(strstr(s->told.data, "loss {\"type\":\"a\"}") != NULL);
    CHECK(strstr(s->told.data, "10 {\"type\":\"b\"}") == NULL);
    CHECK(strstr(strstr(s->told.data, " {\"type\":\"b\"}") + 1, " {\"type\":\"b\"}") != NULL);
    stage_free(s);
    json_decref(noisy);
}

TEST(messages_are_found_by_way_type_and_place)
{
    json_t *some = given("[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":2,\"lost\":true},"
                         "{\"src\":\"n1\",\"dest\":\"n0\",\"type\":\"a\",\"nth\":1,"
                         "\"delays\":[3000000,70000000]}]");
    struct stage *s = stage_new(some, false, 1);

    send(s, 0, 1, "{\"type\":\"a\",\"n\":1}");
    send(s, 0, 1, "{\"type\":\"b\",\"n\":2}");
    send(s, 0, 1, "{\"n\":3,\"type\":\"a\"}");
    send(s, 0, 1, "{\"type\":\"a\",\"n\":4}");
    send(s, 1, 0, "{\"type\":\"a\",\"n\":5}");
    finish(s);
    CHECK_TEXT(s->told.data, "3 {\"type\":\"a\",\"n\":5}\n"
                             "10 {\"type\":\"a\",\"n\":1}\n"
                             "10 {\"type\":\"b\",\"n\":2}\n"
                             "10 loss {\"n\":3,\"type\":\"a\"}\n"
                             "10 {\"type\":\"a\",\"n\":4}\n"
                             "70 {\"type\":\"a\",\"n\":5}\n");
    stage_free(s);
    json_decref(some);
}

/* A world with latencies, loss and doubles; every message is sent before any arrives. */
static void talk(struct stage *s)
{
    int i;

    for (i = 0; i < 60; i++) {
        send(s, 0, 1, "{\"type\":\"ask\"}");
        send(s, 1, 0, "{\"type\":\"tell\"}");
        send(s, 0, world_find(s->world, STR_LIT("lin-kv")), "{}");
    }
    finish(s);
}

TEST(what_was_recorded_repeats_the_run_without_its_chance)
{
    struct stage *drawn = stage_new(NULL, true, 7);
    struct history *h = history_new();
    struct stage *again;
    json_t *recorded, *twice;
    uint32_t lost = 0, doubled = 0;
    const json_t *m;
    size_t i;

    world_set_loss(drawn->world, 0.2);
    world_set_duplication(drawn->world, 0.2);
    talk(drawn);
    recorded = decisions_json(drawn->decisions, h, 1, 0);
    json_array_foreach(json_object_get(recorded, "messages"), i, m)
    {
        lost += json_is_true(json_object_get(m, "lost"));
        doubled += json_array_size(json_object_get(m, "delays")) == 2;
    }
    CHECK(lost > 10 && doubled > 10);

    again = stage_new(recorded, true, 8); /* another seed, no faults */
    talk(again);
    CHECK_TEXT(again->arrivals.data, drawn->arrivals.data);
    twice = decisions_json(again->decisions, h, 1, 0);
    CHECK(json_equal(json_object_get(recorded, "messages"), json_object_get(twice, "messages")));
    json_decref(recorded);
    json_decref(twice);
    history_free(h);
    stage_free(drawn);
    stage_free(again);
}

TEST(operations_and_faults_are_recorded)
{
    struct stage *s = stage_new(NULL, true, 1);
    struct history *h = history_new();
    struct op op = {.time_ns = 5, .process = 3, .type = OP_INVOKE, .value = STR_LIT("[1,2]")};
    struct err err;
    json_t *d, *expected;

    op.f = history_f(h, "write");
    CHECK_INT(history_add(h, &op, &err), 0);
    op.process = 4;
    op.final = true;
    CHECK_INT(history_add(h, &op, &err), 0);
    decisions_told(s->decisions, "faults", 0, STR_LIT("{\"kind\":\"pause\",\"stop\":null}"));
    decisions_told(s->decisions, "faults", 1, STR_LIT("{\"kind\":\"kill\",\"stop\":null}"));
    decisions_told(s->decisions, "faults", 0, STR_LIT("{\"kind\":\"pause\",\"stop\":9}"));
    decisions_told(s->decisions, "end", 0, STR_LIT("{\"at\":50}"));
    d = decisions_json(s->decisions, h, 2, 99);
    expected = json_loads("{\"workers\":[\"n0\",\"n1\"],\"operations\":[{\"at\":5,\"worker\":1,"
                          "\"f\":\"write\",\"value\":[1,2]}],\"final\":[0],\"faults\":[{\"kind\":"
                          "\"pause\",\"stop\":9},{\"kind\":\"kill\",\"stop\":null}],\"end\":50,"
                          "\"messages\":[]}",
                          0, NULL);
    CHECK(json_equal(d, expected));
    json_decref(d);
    json_decref(expected);
    history_free(h);
    stage_free(s);
}

TEST(decisions_of_another_form_are_refused)
{
    static const char *const wrong[] = {
        "[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":0,\"lost\":true}]",
        "[{\"src\":\"n0\",\"dest\":\"n1\",\"nth\":1,\"lost\":true}]",
        "[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1}]",
        "[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1,\"delays\":[]}]",
        "[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1,\"delays\":[-1]}]",
        "[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1,\"delays\":[1,1,1,1,1]}]",
        ("[{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1,\"lost\":true},"
         "{\"src\":\"n0\",\"dest\":\"n1\",\"type\":\"a\",\"nth\":1,\"lost\":true}]"),
        "7",
    };
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        json_t *o = given(wrong[i]);
        struct decisions_config config = {.given = o};
        struct decisions *d = NULL;
        struct err err = {.text = ""};

        CHECK_INT(decisions_new(&config, &d, &err), ERR_INPUT);
        CHECK(d == NULL && err.text[0] != '\0');
        json_decref(o);
    }
}

/* sim_bench.c - what a message costs in the simulated world, in ns of this machine.
 *
 * Five nodes; each message that arrives is answered by one to the next node, so that in_flight
 * messages are always under way. No processes, no journal: only src/sim.
 *
 *     build/bench/sim_bench [messages, in millions] */
#include "base/prng.h"
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NODE_COUNT = 5, MS = 1000000 };

static const char BODY[] = "{\"type\":\"broadcast\",\"message\":123456,\"msg_id\":987654,\"x\":"
                           "\"aaaaaaaaaaaaaaaaa\"}"; /* 80 bytes */

struct bench {
    struct world *world;
    uint64_t left;
};

struct load {
    const char *name;
    int64_t latency_ns;
    enum latency_dist dist;
    uint32_t in_flight;
    bool with_timers; /* a timer of 5 s for each message, cancelled when it arrives */
};

static void ignore(void *owner, const struct message *m)
{
    (void)owner, (void)m;
}

static void ignore_drop(void *owner, const struct message *m, enum drop_reason reason)
{
    (void)owner, (void)m, (void)reason;
}

static void pass_on(void *owner, struct message *m)
{
    struct bench *b = owner;

    if (b->left == 0)
        return;
    b->left--;
    world_send(b->world, m->dest, (m->dest + 1) % NODE_COUNT, (struct str){m->body, m->body_len});
}

static void ignore_timer(void *owner, uint64_t cookie)
{
    (void)owner, (void)cookie;
}

static void pass_on_with_timer(void *owner, struct message *m)
{
    struct bench *b = owner;
    uint64_t timer =
        world_at(b->world, world_now(b->world) + 5000 * (int64_t)MS, ignore_timer, b, 0);

    pass_on(owner, m);
    world_cancel(b->world, timer);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void measure(const struct load *load, uint64_t message_count)
{
    static const char *const names[NODE_COUNT] = {"n0", "n1", "n2", "n3", "n4"};
    struct bench b = {.left = message_count};
    double begin_s;
    uint32_t i;

    b.world = world_new(&(struct world_config){
        .seed = 1,
        .node_count = NODE_COUNT,
        .node_names = names,
        .latency_ns = load->latency_ns,
        .latency_dist = load->dist,
        .sink = {&b, ignore, ignore_drop, load->with_timers ? pass_on_with_timer : pass_on, pass_on,
                 ignore, NULL},
    });
    begin_s = now_s();
    for (i = 0; i < load->in_flight; i++)
        world_send(b.world, i % NODE_COUNT, (i + 1) % NODE_COUNT,
                   (struct str){BODY, sizeof(BODY) - 1});
    while (world_next_ns(b.world) != INT64_MAX)
        world_advance(b.world, world_next_ns(b.world), UINT64_MAX);
    printf("%-42s %6.0f ns a message\n", load->name,
           (now_s() - begin_s) * 1e9 / (double)world_event_count(b.world));
    world_free(b.world);
}

int main(int argc, char **argv)
{
    static const struct load loads[] = {
        {"latency 0, 10 under way", 0, LATENCY_CONSTANT, 10, false},
        {"latency 0, 60,000 under way", 0, LATENCY_CONSTANT, 60000, false},
        {"latency 0, 10 under way, timers", 0, LATENCY_CONSTANT, 10, true},
        {"latency 100 ms, 10 under way", 100 * MS, LATENCY_CONSTANT, 10, false},
        {"latency 100 ms, 60,000 under way", 100 * MS, LATENCY_CONSTANT, 60000, false},
        {"exponential 100 ms, 60,000 under way", 100 * MS, LATENCY_EXPONENTIAL, 60000, false},
    };
    uint64_t millions = argc > 1 ? strtoull(argv[1], NULL, 10) : 2;
    size_t i;

    for (i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
        measure(&loads[i], millions * 1000000);
    return 0;
}

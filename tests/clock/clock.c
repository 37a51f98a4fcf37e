/* clock.c - a node that says what its clocks show, and sleeps by them. */
#include "node.h"

#include <time.h>

enum { SECOND_NS = 1000000000 };

static int64_t show(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static void reply(const struct message *m, const char *type)
{
    node_reply(m, type, "wall", json_int(show(CLOCK_REALTIME)), "monotonic",
               json_int(show(CLOCK_MONOTONIC)), NULL);
}

static void on_clocks(const struct message *m)
{
    reply(m, "clocks_ok");
}

/* Sleeps for ns by the monotonic clock, or until its wall clock shows ns more than now. */
static void on_nap(const struct message *m)
{
    clockid_t id = json_int_of(json_get(m->body, "wall"), 0) ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    int64_t until = show(id) + json_int_of(json_get(m->body, "ns"), 0);
    struct timespec t = {until / SECOND_NS, until % SECOND_NS};

    while (clock_nanosleep(id, TIMER_ABSTIME, &t, NULL) != 0)
        ;
    reply(m, "nap_ok");
}

int main(void)
{
    node_on("clocks", on_clocks);
    node_on("nap", on_nap);
    return node_run();
}

/* broadcast.c - gossip: whatever a neighbour has not confirmed is told to it again. */
#include "node.h"

#include <stdlib.h>

enum { NODES_MAX = 64, VALUES_MAX = 1 << 16 };

static int64_t values[VALUES_MAX];
static int value_count;
static bool confirmed[NODES_MAX][VALUES_MAX]; /* by each node: the value at this place */

/* A round of gossip with one node: which places of values it was told. */
struct told {
    int peer, from, to;
};

static void learn(int64_t value, const char *source)
{
    int peer = node_find(source);

    for (int i = 0; i < value_count; i++) {
        if (values[i] == value)
            return;
    }
    if (value_count == VALUES_MAX) {
        node_log("more than %d values", VALUES_MAX);
        exit(1);
    }
    if (peer >= 0)
        confirmed[peer][value_count] = true;
    values[value_count++] = value;
}

static void gossip_answered(void *owner, const struct message *m)
{
    struct told *told = owner;

    if (node_code_of(m) == NODE_OK) { /* else the next round says it again */
        for (int i = told->from; i < told->to; i++)
            confirmed[told->peer][i] = true;
    }
    free(told);
}

static void tell(int peer)
{
    struct json *list = json_array();
    struct told *told;
    int from = 0;

    while (from < value_count && confirmed[peer][from])
        from++;
    if (from == value_count)
        return;
    for (int i = from; i < value_count; i++)
        json_push(list, json_int(values[i]));
    told = malloc(sizeof(*told));
    if (told == NULL)
        exit(1);
    *told = (struct told){peer, from, value_count};
    node_call(node_name(peer), 500, gossip_answered, told, "gossip", "values", list, NULL);
}

static void round_of_gossip(void *unused)
{
    (void)unused;
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            tell(i);
    }
}

static void start(void)
{
    if (node_count() > NODES_MAX) {
        node_log("more than %d nodes", NODES_MAX);
        exit(1);
    }
    node_every(100, round_of_gossip, NULL);
}

static void on_topology(const struct message *m)
{
    node_reply(m, "topology_ok", NULL);
}

static void on_broadcast(const struct message *m)
{
    learn(json_int_of(json_get(m->body, "message"), 0), m->src);
    node_reply(m, "broadcast_ok", NULL);
}

static void on_gossip(const struct message *m)
{
    struct json *list = json_get(m->body, "values");

    for (size_t i = 0; i < json_len(list); i++)
        learn(json_int_of(json_at(list, i), 0), m->src);
    node_reply(m, "gossip_ok", NULL);
}

static void on_read(const struct message *m)
{
    struct json *list = json_array();

    for (int i = 0; i < value_count; i++)
        json_push(list, json_int(values[i]));
    node_reply(m, "read_ok", "messages", list, NULL);
}

int main(void)
{
    node_on_start(start);
    node_on("topology", on_topology);
    node_on("broadcast", on_broadcast);
    node_on("gossip", on_gossip);
    node_on("read", on_read);
    return node_run();
}

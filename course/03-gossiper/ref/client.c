/* client.c - what clients ask for. Every answer is given at once, from what is here: a broadcast
 * waits for nobody (Gossip Glomers 3; the workload is Maelstrom's "broadcast"). */
#include "client.h"

#include "data.h"
#include "node.h"
#include "phi.h"
#include "plan.h"
#include "set.h"
#include "spread.h"
#include "swim.h"

#include <stdlib.h>
#include <string.h>

static void on_topology(const struct message *m)
{
    spread_topology(json_get(json_get(m->body, "topology"), node_id()));
    node_reply(m, "topology_ok", NULL);
}

static void on_members(const struct message *m)
{
    if (swim_is_on())
        swim_members(m);
    else
        phi_members(m);
}

static void on_mode(const struct message *m)
{
    const char *mode = json_text_of(json_get(m->body, "mode"));

    swim_mode(mode != NULL && strcmp(mode, "swim") == 0);
    data_mode(mode);
    spread_mode(mode, (int)json_int_of(json_get(m->body, "fanout"), 0));
    node_reply(m, "mode_ok", NULL);
}

static void on_broadcast(const struct message *m)
{
    spread_new(json_get(m->body, "message"));
    node_reply(m, "broadcast_ok", NULL);
}

static double real_of(const struct json *v)
{
    if (v != NULL && v->type == JSON_REAL)
        return strtod(v->string, NULL);
    return (double)json_int_of(v, 0);
}

static void on_plan(const struct message *m)
{
    int fanout =
        plan_fanout((int)json_int_of(json_get(m->body, "nodes"), 1),
                    real_of(json_get(m->body, "loss")), real_of(json_get(m->body, "target")));

    node_reply(m, "plan_ok", "fanout", json_int(fanout), NULL);
}

static void on_root(const struct message *m)
{
    node_reply(m, "root_ok", "hash", json_int(set_hash((struct place){0, 0})), NULL);
}

void client_requests(void)
{
    node_on("topology", on_topology);
    node_on("mode", on_mode);
    node_on("broadcast", on_broadcast);
    node_on("plan", on_plan);
    node_on("root", on_root);
    node_on("members", on_members);
    data_requests();
    swim_requests();
    phi_requests();
}

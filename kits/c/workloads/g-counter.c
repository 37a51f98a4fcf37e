/* g-counter.c - a total for each node, which only that node changes; the counter is their sum. */
#include "node.h"

enum { NODES_MAX = 64 };

static struct {
    int64_t count, sum; /* of a node's additions */
} totals[NODES_MAX];

static void tell(void *unused)
{
    struct json *own = json_array();

    (void)unused;
    json_push(own, json_int(totals[node_self()].count));
    json_push(own, json_int(totals[node_self()].sum));
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            node_send(node_name(i), "merge", "total", own, NULL);
    }
}

static void start(void)
{
    node_every(200, tell, NULL);
}

static void on_add(const struct message *m)
{
    totals[node_self()].count++;
    totals[node_self()].sum += json_int_of(json_get(m->body, "delta"), 0);
    node_reply(m, "add_ok", NULL);
}

static void on_merge(const struct message *m)
{
    struct json *theirs = json_get(m->body, "total");
    int64_t count = json_int_of(json_at(theirs, 0), 0);
    int node = node_find(m->src);

    if (node < 0 || count <= totals[node].count)
        return;
    totals[node].count = count;
    totals[node].sum = json_int_of(json_at(theirs, 1), 0);
}

static void on_read(const struct message *m)
{
    int64_t sum = 0;

    for (int i = 0; i < node_count(); i++)
        sum += totals[i].sum;
    node_reply(m, "read_ok", "value", json_int(sum), NULL);
}

int main(void)
{
    node_on_start(start);
    node_on("add", on_add);
    node_on("merge", on_merge);
    node_on("read", on_read);
    return node_run();
}

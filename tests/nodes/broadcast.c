/* broadcast.c - broadcast. Right: each node keeps a log of the values in the order it learnt them
 * and sends every peer the part of it that the peer has not confirmed.
 *
 * A peer confirms a stretch [from, upto). The sender moves its mark only if the stretch begins at
 * or before the mark, so a lost or late stretch leaves the mark where it is, and the stretch is
 * sent again. The log is on disk before a value is acknowledged or a stretch confirmed: marks stay
 * true when either side restarts. The nodes form a tree of their own (node i hangs on (i-1)/4);
 * the offered topology is sent only once, before any restart, so it is not used. */
#include "disk.h"
#include "mode.h"
#include "node.h"
#include "table.h"

enum {
    TICK_MS = 20,
    RETRY_MS = 1000,
    STRETCH_MAX = 1000, /* values in one message */
    CHILDREN = 4,
};

static enum { RIGHT, NULL_WHEN_EMPTY, LOCAL, NO_RETRY, PHANTOM, DUPLICATE, DROPS, FORGETS } mode;
static const char *const modes[] = {
    "right", "null", "local", "no-retry", "phantom", "duplicate", "drops", "forgets", NULL,
};

struct value {
    struct json *json; /* kept */
    int from;          /* the node that told us, -1: a client */
};

struct peer {
    int node;
    size_t sent, confirmed; /* marks in our log; confirmed <= sent */
    int64_t waiting_since_ms;
};

static struct value *values;
static size_t value_count, value_cap;
static struct table seen;
static struct peer peers[CHILDREN + 1];
static int peer_count;
static int received; /* from clients */
static bool awake;   /* a tick is to come */

static void tick(void *owner);

/* There is something to say, or there may be. Nodes with nothing to say do not tick: to look many
 * times a second keeps the machine busy. */
static void wake(void)
{
    if (!awake && peer_count > 0)
        node_after(TICK_MS, tick, NULL);
    awake = peer_count > 0;
}

static bool learn(const struct json *v, int from)
{
    void **place = table_at(&seen, json_show(v));

    if (*place != NULL)
        return false;
    *place = &seen;
    if (value_count == value_cap) {
        value_cap = 2 * value_cap + 64;
        values = realloc(values, value_cap * sizeof(*values));
        if (values == NULL)
            abort();
    }
    values[value_count++] = (struct value){json_keep(v), from};
    wake();
    return true;
}

static void replay(const struct json *record)
{
    learn(record, -1);
}

static void learn_for_good(const struct json *v, int from)
{
    if (learn(v, from))
        disk_append(v);
}

static void stretch_send(struct peer *p)
{
    size_t from = p->sent;
    size_t upto = value_count - from > STRETCH_MAX ? from + STRETCH_MAX : value_count;
    struct json *list = json_array();

    for (size_t i = from; i < upto; i++) {
        if (values[i].from != p->node)
            json_push(list, values[i].json);
    }
    if (p->sent == p->confirmed)
        p->waiting_since_ms = node_now_ms();
    p->sent = upto;
    if (mode == NO_RETRY)
        p->confirmed = upto;
    node_send(node_name(p->node), "stretch", "from", json_int((int64_t)from), "upto",
              json_int((int64_t)upto), "values", list, NULL);
}

static void tick(void *owner)
{
    (void)owner;
    awake = false;
    for (struct peer *p = peers; p < peers + peer_count; p++) {
        if (p->confirmed < p->sent && node_now_ms() - p->waiting_since_ms >= RETRY_MS)
            p->sent = p->confirmed;
        if (p->sent < value_count)
            stretch_send(p);
        if (p->confirmed < value_count)
            wake();
    }
}

static void on_stretch(const struct message *m)
{
    struct json *list = json_get(m->body, "values");

    for (size_t i = 0; i < json_len(list); i++)
        learn_for_good(json_at(list, i), node_find(m->src));
    if (mode != NO_RETRY)
        node_send(m->src, "stretch_ok", "from", json_get(m->body, "from"), "upto",
                  json_get(m->body, "upto"), NULL);
}

static void on_stretch_ok(const struct message *m)
{
    size_t from = (size_t)json_int_of(json_get(m->body, "from"), 0);
    size_t upto = (size_t)json_int_of(json_get(m->body, "upto"), 0);

    for (struct peer *p = peers; p < peers + peer_count; p++) {
        if (p->node == node_find(m->src) && from <= p->confirmed && upto > p->confirmed) {
            p->confirmed = upto;
            if (p->sent < upto)
                p->sent = upto;
            p->waiting_since_ms = node_now_ms();
        }
    }
}

static void on_broadcast(const struct message *m)
{
    received++;
    if (mode != DROPS || received % 10 != 0)
        learn_for_good(json_get(m->body, "message"), -1);
    node_reply(m, "broadcast_ok", NULL);
}

static void on_read(const struct message *m)
{
    struct json *list = json_array();

    for (size_t i = 0; i < value_count; i++)
        json_push(list, values[i].json);
    if (mode == PHANTOM)
        json_push(list, json_int(1000000007));
    if (mode == DUPLICATE && value_count > 0)
        json_push(list, values[0].json);
    if (mode == NULL_WHEN_EMPTY && value_count == 0)
        list = NULL;
    node_reply(m, "read_ok", "messages", list, NULL);
}

static void on_topology(const struct message *m)
{
    node_reply(m, "topology_ok", NULL);
}

static void on_start(void)
{
    if (mode != FORGETS)
        disk_open(replay);
    if (mode == LOCAL)
        return;
    if (node_self() > 0)
        peers[peer_count++].node = (node_self() - 1) / CHILDREN;
    for (int i = 1; i <= CHILDREN && CHILDREN * node_self() + i < node_count(); i++)
        peers[peer_count++].node = CHILDREN * node_self() + i;
    wake();
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("topology", on_topology);
    node_on("broadcast", on_broadcast);
    node_on("read", on_read);
    node_on("stretch", on_stretch);
    node_on("stretch_ok", on_stretch_ok);
    return node_run();
}

/* counter.c - g-counter and pn-counter. Right: each node knows one total per node and only changes
 * its own; totals travel with a version, and the newest version of each wins. The value is the sum.
 *
 * seq-kv is right, too, and shows how to live with that service: each node writes its own total
 * under its own name, one write at a time, and writes it again every second, which repairs what a
 * late copy of an older write has spoilt. Before reading the others it changes a key of its own,
 * which moves its view to the newest state. Every write carries a fresh stamp, since a write that
 * changes nothing may be answered from an old state. */
#include "disk.h"
#include "mode.h"
#include "node.h"

enum { GOSSIP_MS = 200, CALL_MS = 1000, NODES_MAX = 64, RESEND_MS = 50, REPEAT_MS = 1000 };

static enum {
    RIGHT,
    SEQ_KV,
    LOCAL,
    LOST_UPDATE,
    COUNTS_TWICE,
    IGNORES_MINUS,
    NEGATIVE,
    FORGETS,
} mode;
static const char *const modes[] = {
    "right",         "seq-kv",   "local",   "lost-update", "counts-twice",
    "ignores-minus", "negative", "forgets", NULL,
};

static int64_t totals[NODES_MAX];
static int64_t versions[NODES_MAX]; /* how often that node had changed its total */

static struct json *state(void)
{
    struct json *list = json_array();

    for (int i = 0; i < node_count(); i++) {
        json_push(list, json_int(totals[i]));
        json_push(list, json_int(versions[i]));
    }
    return list;
}

static void merge(const struct json *list)
{
    for (int i = 0; i < node_count(); i++) {
        int64_t version = json_int_of(json_at(list, 2 * (size_t)i + 1), 0);

        if (version > versions[i]) {
            versions[i] = version;
            totals[i] = json_int_of(json_at(list, 2 * (size_t)i), 0);
        }
    }
}

static int64_t sum(void)
{
    int64_t all = 0;

    for (int i = 0; i < node_count(); i++)
        all += totals[i];
    return all;
}

static void gossip(void *owner)
{
    struct json *list = state();

    (void)owner;
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            node_send(node_name(i), "merge", "state", list, NULL);
    }
}

static void on_merge(const struct message *m)
{
    merge(json_get(m->body, "state"));
}

static void own_change(int64_t delta)
{
    totals[node_self()] += delta;
    versions[node_self()]++;
    disk_append(state());
}

/* seq-kv: writes of our total, one at a time; requests wait for the write that covers them. */

static struct message *waiting[4096]; /* adds not yet covered by a write */
static int waiting_count, covered_count;
static bool writing;
static int64_t stamp;

static void total_write(void);

static struct json *stamped(int64_t value)
{
    struct json *pair = json_array();

    json_push(pair, json_int(value));
    json_push(pair, json_int(stamp++));
    return pair;
}

static void total_written(void *owner, const struct message *m)
{
    (void)owner;
    writing = false;
    if (node_code_of(m) != NODE_OK)
        covered_count = 0; /* the next write covers them */
    for (int i = 0; i < covered_count; i++) {
        node_reply(waiting[i], "add_ok", NULL);
        node_free(waiting[i]);
    }
    waiting_count -= covered_count;
    memmove(waiting, waiting + covered_count, (size_t)waiting_count * sizeof(waiting[0]));
    if (waiting_count > 0)
        total_write();
}

static void total_write(void)
{
    writing = true;
    covered_count = waiting_count;
    node_call("seq-kv", CALL_MS, total_written, NULL, "write", "key", json_string(node_id()),
              "value", stamped(totals[node_self()]), NULL);
}

static void total_repeat(void *owner)
{
    (void)owner;
    if (!writing)
        total_write();
}

static void kv_add(const struct message *m)
{
    if (waiting_count == (int)(sizeof(waiting) / sizeof(waiting[0]))) {
        node_error(m, NODE_UNAVAILABLE, "too many adds are waiting");
        return;
    }
    own_change(json_int_of(json_get(m->body, "delta"), 0));
    waiting[waiting_count++] = node_keep(m);
    if (!writing)
        total_write();
}

struct sum {
    struct message *request;
    int64_t value;
    int left; /* nodes not yet read; -1: one could not be read */
};

static void sum_next(struct sum *s);

static void sum_read(void *owner, const struct message *m)
{
    struct sum *s = owner;
    enum node_code code = node_code_of(m);

    if (code != NODE_OK && code != NODE_NO_KEY) {
        node_error(s->request, NODE_UNAVAILABLE, "seq-kv did not answer");
        node_free(s->request);
        free(s);
        return;
    }
    if (code == NODE_OK)
        s->value += json_int_of(json_at(json_get(m->body, "value"), 0), 0);
    sum_next(s);
}

static void sum_next(struct sum *s)
{
    if (s->left == 0) {
        node_reply(s->request, "read_ok", "value", json_int(s->value), NULL);
        node_free(s->request);
        free(s);
        return;
    }
    s->left--;
    node_call("seq-kv", CALL_MS, sum_read, s, "read", "key", json_string(node_name(s->left)), NULL);
}

static void sum_fenced(void *owner, const struct message *m)
{
    struct sum *s = owner;

    if (node_code_of(m) == NODE_OK) {
        sum_next(s);
        return;
    }
    node_error(s->request, NODE_UNAVAILABLE, "seq-kv did not answer");
    node_free(s->request);
    free(s);
}

static void kv_read(const struct message *m)
{
    struct sum *s = calloc(1, sizeof(*s));
    char key[128];

    if (s == NULL)
        abort();
    s->request = node_keep(m);
    s->left = node_count();

    snprintf(key, sizeof(key), "fence-%s", node_id());
    node_call("seq-kv", CALL_MS, sum_fenced, s, "write", "key", json_string(key), "value",
              stamped(0), NULL);
}

/* lost-update: one shared key, read and then written. */

static void shared_wrote(void *owner, const struct message *m)
{
    if (node_code_of(m) == NODE_OK)
        node_reply(owner, "add_ok", NULL);
    node_free(owner);
}

static void shared_add(void *owner, const struct message *m)
{
    struct message *request = owner;
    int64_t old = m == NULL ? 0 : json_int_of(json_get(m->body, "value"), 0);

    node_call("seq-kv", CALL_MS, shared_wrote, request, "write", "key", json_string("sum"), "value",
              json_int(old + json_int_of(json_get(request->body, "delta"), 0)), NULL);
}

static void shared_show(void *owner, const struct message *m)
{
    if (m != NULL) {
        int64_t value = json_int_of(json_get(m->body, "value"), 0);
        node_reply(owner, "read_ok", "value", json_int(value), NULL);
    }
    node_free(owner);
}

/* counts-twice: sends each delta to the others, and again after 50 ms without an answer; the
 * receiver does not notice that it has it already. */

struct parcel {
    int dest;
    int64_t delta;
};

static void parcel_send(struct parcel *p);

static void parcel_answered(void *owner, const struct message *m)
{
    if (m == NULL)
        parcel_send(owner);
    else
        free(owner);
}

static void parcel_send(struct parcel *p)
{
    node_call(node_name(p->dest), RESEND_MS, parcel_answered, p, "delta", "delta",
              json_int(p->delta), NULL);
}

static void on_delta(const struct message *m)
{
    totals[node_self()] += json_int_of(json_get(m->body, "delta"), 0);
    node_reply(m, "delta_ok", NULL);
}

static void delta_spread(int64_t delta)
{
    for (int i = 0; i < node_count(); i++) {
        struct parcel *p = i == node_self() ? NULL : malloc(sizeof(*p));

        if (p != NULL) {
            *p = (struct parcel){i, delta};
            parcel_send(p);
        }
    }
}

/* What clients ask */

static void on_add(const struct message *m)
{
    int64_t delta = json_int_of(json_get(m->body, "delta"), 0);

    if (mode == SEQ_KV) {
        kv_add(m);
        return;
    }
    if (mode == LOST_UPDATE) {
        node_call("seq-kv", CALL_MS, shared_add, node_keep(m), "read", "key", json_string("sum"),
                  NULL);
        return;
    }
    if (mode == COUNTS_TWICE)
        delta_spread(delta);
    if (mode != IGNORES_MINUS || delta > 0)
        own_change(delta);
    node_reply(m, "add_ok", NULL);
}

static void on_read(const struct message *m)
{
    if (mode == SEQ_KV)
        kv_read(m);
    else if (mode == LOST_UPDATE)
        node_call("seq-kv", CALL_MS, shared_show, node_keep(m), "read", "key", json_string("sum"),
                  NULL);
    else
        node_reply(m, "read_ok", "value", json_int(mode == NEGATIVE ? -1 - sum() : sum()), NULL);
}

static void on_start(void)
{
    if (node_count() > NODES_MAX) {
        node_log("this node knows at most %d nodes", NODES_MAX);
        exit(1);
    }
    if (mode != FORGETS)
        disk_open(merge);
    if (mode == RIGHT || mode == IGNORES_MINUS || mode == NEGATIVE || mode == FORGETS)
        node_every(GOSSIP_MS, gossip, NULL);
    if (mode == SEQ_KV) {
        stamp = (int64_t)(node_random() >> 16); /* far from those of earlier starts */
        node_every(REPEAT_MS, total_repeat, NULL);
    }
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("add", on_add);
    node_on("read", on_read);
    node_on("merge", on_merge);
    node_on("delta", on_delta);
    return node_run();
}

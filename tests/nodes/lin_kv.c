/* lin_kv.c - lin-kv without consensus. Right: proxy, which passes every request on to the lin-kv
 * service (right as long as the network does not repeat messages: a second copy of a write may
 * come late). raft.c is the one that is right by itself. The rest is wrong. */
#include "mode.h"
#include "node.h"
#include "table.h"

enum { CALL_MS = 1000, STALE_MS = 200 };

static enum { PROXY, LOCAL, STALE_READ, SEQ_KV, LWW_KV, SPLIT_CAS } mode;
static const char *const modes[] = {
    "proxy", "local", "stale-read", "seq-kv", "lww-kv", "split-cas", NULL,
};

static struct table copies; /* key to struct copy: all values, or those lately read */

struct copy {
    struct json *value; /* kept */
    int64_t read_ms;
};

static struct json *field(const struct message *m, const char *name)
{
    return json_get(m->body, name);
}

static void copy_set(const struct json *key, const struct json *value)
{
    void **place = table_at(&copies, json_show(key));
    struct copy *c = *place;
    struct json *old;

    if (c == NULL)
        *place = c = calloc(1, sizeof(*c));
    if (c == NULL)
        abort();
    old = c->value;
    c->value = json_keep(value);
    json_free(old);
    c->read_ms = node_now_ms();
}

/* local: every node answers from its own memory. */

static void local_request(const struct message *m)
{
    struct copy *c = table_get(&copies, json_show(field(m, "key")));

    if (strcmp(m->type, "write") == 0) {
        copy_set(field(m, "key"), field(m, "value"));
        node_reply(m, "write_ok", NULL);
    } else if (c == NULL) {
        node_error(m, NODE_NO_KEY, "key does not exist");
    } else if (strcmp(m->type, "read") == 0) {
        node_reply(m, "read_ok", "value", c->value, NULL);
    } else if (!json_equal(c->value, field(m, "from"))) {
        node_error(m, NODE_PRECONDITION, "the value is another one");
    } else {
        copy_set(field(m, "key"), field(m, "to"));
        node_reply(m, "cas_ok", NULL);
    }
}

/* Everything else passes requests on. */

static const char *service(void)
{
    return mode == SEQ_KV ? "seq-kv" : mode == LWW_KV ? "lww-kv" : "lin-kv";
}

static void passed(void *owner, const struct message *m)
{
    struct message *request = owner;

    if (m == NULL)
        node_error(request, NODE_TIMEOUT, "the service did not answer in time");
    else if (node_code_of(m) != NODE_OK)
        node_error(request, node_code_of(m), "the service refused");
    else if (strcmp(m->type, "read_ok") != 0)
        node_reply(request, m->type, NULL);
    else
        node_reply(request, "read_ok", "value", field(m, "value"), NULL);
    if (mode == STALE_READ && m != NULL && strcmp(m->type, "read_ok") == 0)
        copy_set(field(request, "key"), field(m, "value"));
    node_free(request);
}

static void on_read(const struct message *m)
{
    struct copy *c = table_get(&copies, json_show(field(m, "key")));

    if (mode == LOCAL)
        local_request(m);
    else if (mode == STALE_READ && c != NULL && node_now_ms() - c->read_ms < STALE_MS)
        node_reply(m, "read_ok", "value", c->value, NULL);
    else
        node_call(service(), CALL_MS, passed, node_keep(m), "read", "key", field(m, "key"), NULL);
}

static void on_write(const struct message *m)
{
    if (mode == LOCAL)
        local_request(m);
    else
        node_call(service(), CALL_MS, passed, node_keep(m), "write", "key", field(m, "key"),
                  "value", field(m, "value"), NULL);
}

/* split-cas: compares first and writes afterwards, in two requests. */

static void split_written(void *owner, const struct message *m)
{
    struct message *request = owner;

    if (node_code_of(m) == NODE_OK)
        node_reply(request, "cas_ok", NULL);
    else
        node_error(request, node_code_of(m), "the service refused");
    node_free(request);
}

static void split_compared(void *owner, const struct message *m)
{
    struct message *request = owner;

    if (node_code_of(m) == NODE_OK && json_equal(field(m, "value"), field(request, "from"))) {
        node_call("lin-kv", CALL_MS, split_written, request, "write", "key", field(request, "key"),
                  "value", field(request, "to"), NULL);
        return;
    }
    node_error(request, node_code_of(m) == NODE_OK ? NODE_PRECONDITION : node_code_of(m),
               "the value is another one, or the service did not answer");
    node_free(request);
}

static void on_cas(const struct message *m)
{
    if (mode == LOCAL)
        local_request(m);
    else if (mode == SPLIT_CAS)
        node_call("lin-kv", CALL_MS, split_compared, node_keep(m), "read", "key", field(m, "key"),
                  NULL);
    else
        node_call(service(), CALL_MS, passed, node_keep(m), "cas", "key", field(m, "key"), "from",
                  field(m, "from"), "to", field(m, "to"), NULL);
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on("read", on_read);
    node_on("write", on_write);
    node_on("cas", on_cas);
    return node_run();
}

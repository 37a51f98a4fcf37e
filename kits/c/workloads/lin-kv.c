/* lin-kv.c - passes every request on to the service lin-kv, and its answer back. */
#include "node.h"

static void answered(void *owner, const struct message *m, const char *type, const char *field)
{
    struct message *request = owner;
    const char *text =
        m == NULL ? "the store did not answer" : json_text_of(json_get(m->body, "text"));

    if (node_code_of(m) != NODE_OK)
        node_error(request, node_code_of(m), text != NULL ? text : "");
    else if (field != NULL)
        node_reply(request, type, field, json_get(m->body, field), NULL);
    else
        node_reply(request, type, NULL);
    node_free(request);
}

static void read_answered(void *owner, const struct message *m)
{
    answered(owner, m, "read_ok", "value");
}

static void write_answered(void *owner, const struct message *m)
{
    answered(owner, m, "write_ok", NULL);
}

static void cas_answered(void *owner, const struct message *m)
{
    answered(owner, m, "cas_ok", NULL);
}

static void on_read(const struct message *m)
{
    node_call("lin-kv", 1000, read_answered, node_keep(m), "read", "key", json_get(m->body, "key"),
              NULL);
}

static void on_write(const struct message *m)
{
    node_call("lin-kv", 1000, write_answered, node_keep(m), "write", "key",
              json_get(m->body, "key"), "value", json_get(m->body, "value"), NULL);
}

static void on_cas(const struct message *m)
{
    node_call("lin-kv", 1000, cas_answered, node_keep(m), "cas", "key", json_get(m->body, "key"),
              "from", json_get(m->body, "from"), "to", json_get(m->body, "to"), NULL);
}

int main(void)
{
    node_on("read", on_read);
    node_on("write", on_write);
    node_on("cas", on_cas);
    return node_run();
}

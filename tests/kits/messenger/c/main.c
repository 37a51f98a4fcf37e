/* main.c - tasks 1 to 5 of the track messenger: inspect, whoami, echo, errors, wait. */
#include "measure.h"
#include "node.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static void on_inspect(const struct message *m)
{
    struct json *payload = json_get(m->body, "payload");

    if (payload == NULL)
        node_error(m, NODE_MALFORMED, "inspect needs a payload");
    else
        node_reply(m, "inspect_ok", "kind", json_string(kind_of(payload)), "length",
                   json_int(length_of(payload)), "payload", payload, NULL);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void on_whoami(const struct message *m)
{
    int n = node_count(), count = 0;
    const char **peers = json_scratch((size_t)n * sizeof(*peers));
    struct json *list = json_array();

    for (int i = 0; i < n; i++) {
        if (i != node_self())
            peers[count++] = node_name(i);
    }
    qsort(peers, (size_t)count, sizeof(*peers), by_bytes);
    for (int i = 0; i < count; i++)
        json_push(list, json_string(peers[i]));
    node_reply(m, "whoami_ok", "node_id", json_string(node_id()), "peers", list, "majority",
               json_int(n / 2 + 1), NULL);
}

static void on_echo(const struct message *m)
{
    struct json *echo = json_get(m->body, "echo");

    if (echo == NULL)
        node_error(m, NODE_MALFORMED, "echo needs a field echo");
    else
        node_reply(m, "echo_ok", "echo", echo, NULL);
}

static void waited(void *owner)
{
    struct message *request = owner;

    node_reply(request, "wait_ok", "ms", json_get(request->body, "ms"), NULL);
    node_free(request);
}

static void on_wait(const struct message *m)
{
    int64_t ms = json_int_of(json_get(m->body, "ms"), -1);

    if (ms < 0 || ms > INT_MAX)
        node_error(m, NODE_MALFORMED, "ms must be a whole number from 0");
    else
        node_after((int)ms, waited, node_keep(m));
}

int main(void)
{
    node_on("inspect", on_inspect);
    node_on("whoami", on_whoami);
    node_on("echo", on_echo);
    node_on("wait", on_wait);
    return node_run();
}

/* Solves both tasks of the tiny track. */
#include "node.h"

static int64_t total;

static void on_echo(const struct message *m)
{
    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
}

static void on_add(const struct message *m)
{
    total += json_int_of(json_get(m->body, "amount"), 0);
    node_reply(m, "add_ok", "total", json_int(total), NULL);
}

int main(void)
{
    node_on("echo", on_echo);
    node_on("add", on_add);
    return node_run();
}

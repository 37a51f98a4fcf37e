/* main.c - the smallest node: it sends back what it is sent. */
#include "node.h"

static void on_echo(const struct message *m)
{
    node_reply(m, "echo_ok", "echo", json_get(m->body, "echo"), NULL);
}

int main(void)
{
    node_on("echo", on_echo);
    return node_run();
}

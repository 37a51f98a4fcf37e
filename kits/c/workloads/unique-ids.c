/* unique-ids.c - the node's name and a number that this process has not given before. */
#include "node.h"

#include <stdio.h>

static long count;

static void on_generate(const struct message *m)
{
    char id[100];

    snprintf(id, sizeof(id), "%s-%ld", node_id(), ++count);
    node_reply(m, "generate_ok", "id", json_string(id), NULL);
}

int main(void)
{
    node_on("generate", on_generate);
    return node_run();
}

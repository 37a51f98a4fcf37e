/* unique_ids.c - unique-ids. Right: the node's name, the number of its start, and a counter; the
 * number of the start is on disk before the first id leaves. Needs no other node. */
#include "disk.h"
#include "mode.h"
#include "node.h"

static enum { RIGHT, NO_NODE_ID, SMALL_RANGE, SAME_SEED, FORGETS } mode;
static const char *const modes[] = {
    "right", "no-node-id", "small-range", "same-seed", "forgets", NULL,
};

static int64_t starts; /* of this node before this one */
static int64_t counter;

static void replay(const struct json *record)
{
    starts = json_int_of(record, 0);
}

static void on_start(void)
{
    if (mode != RIGHT)
        return;
    disk_open(replay);
    starts++;
    disk_append(json_int(starts));
}

static struct json *id_new(void)
{
    char id[128];

    counter++;
    switch (mode) {
    case NO_NODE_ID:
        return json_int(counter);
    case SMALL_RANGE:
        return json_int((int64_t)(node_random() % 500));
    case SAME_SEED: /* rand() without srand() gives every process the same numbers */
        return json_int((int64_t)rand() << 31 | rand());
    case FORGETS:
        snprintf(id, sizeof(id), "%s-%lld", node_id(), (long long)counter);
        return json_string(id);
    default:
        snprintf(id, sizeof(id), "%s-%lld-%lld", node_id(), (long long)starts, (long long)counter);
        return json_string(id);
    }
}

static void on_generate(const struct message *m)
{
    node_reply(m, "generate_ok", "id", id_new(), NULL);
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("generate", on_generate);
    return node_run();
}

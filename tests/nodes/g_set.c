/* g_set.c - g-set. Right: a state-based CRDT. Each node sends its whole set to all others again and
 * again; merging is union, so loss, repetition and order do not matter. An element is on disk
 * before its add is acknowledged. */
#include "disk.h"
#include "mode.h"
#include "node.h"
#include "table.h"

enum { GOSSIP_MS = 500, CALL_MS = 1000 };

static enum { RIGHT, LOCAL, LOST_UPDATE, DROPS, PHANTOM, FORGETS } mode;
static const char *const modes[] = {
    "right", "local", "lost-update", "drops", "phantom", "forgets", NULL,
};

static struct json **elements; /* kept */
static size_t element_count, element_cap;
static struct table seen;
static int add_count;

static bool learn(const struct json *v)
{
    void **place = table_at(&seen, json_show(v));

    if (*place != NULL)
        return false;
    if (element_count == element_cap) {
        element_cap = 2 * element_cap + 64;
        elements = realloc(elements, element_cap * sizeof(struct json *));
        if (elements == NULL)
            abort();
    }
    *place = elements[element_count++] = json_keep(v);
    return true;
}

static void replay(const struct json *record)
{
    learn(record);
}

static void learn_for_good(const struct json *v)
{
    if (learn(v))
        disk_append(v);
}

static struct json *whole_set(void)
{
    struct json *list = json_array();

    for (size_t i = 0; i < element_count; i++)
        json_push(list, elements[i]);
    return list;
}

static void gossip(void *owner)
{
    struct json *set = whole_set();

    (void)owner;
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self() && element_count > 0)
            node_send(node_name(i), "merge", "set", set, NULL);
    }
}

static void on_merge(const struct message *m)
{
    struct json *set = json_get(m->body, "set");

    for (size_t i = 0; i < json_len(set); i++)
        learn_for_good(json_at(set, i));
}

/* The wrong way: read the set from seq-kv, add to it, write it back. Between the two, others do the
 * same, and the last one to write wins. */
static void kv_wrote(void *owner, const struct message *m)
{
    if (node_code_of(m) == NODE_OK)
        node_reply(owner, "add_ok", NULL);
    node_free(owner);
}

static void kv_add(void *owner, const struct message *m)
{
    struct message *request = owner;
    struct json *old = m == NULL ? NULL : json_get(m->body, "value"), *set = json_array();

    for (size_t i = 0; i < json_len(old); i++)
        json_push(set, json_at(old, i));
    json_push(set, json_get(request->body, "element"));
    node_call("seq-kv", CALL_MS, kv_wrote, request, "write", "key", json_string("set"), "value",
              set, NULL);
}

static void kv_show(void *owner, const struct message *m)
{
    if (m != NULL)
        node_reply(owner, "read_ok", "value", json_get(m->body, "value"), NULL);
    node_free(owner);
}

static void on_add(const struct message *m)
{
    add_count++;
    if (mode == LOST_UPDATE) {
        node_call("seq-kv", CALL_MS, kv_add, node_keep(m), "read", "key", json_string("set"), NULL);
        return;
    }
    if (mode != DROPS || add_count % 10 != 0)
        learn_for_good(json_get(m->body, "element"));
    node_reply(m, "add_ok", NULL);
}

static void on_read(const struct message *m)
{
    struct json *set = whole_set();

    if (mode == LOST_UPDATE) {
        node_call("seq-kv", CALL_MS, kv_show, node_keep(m), "read", "key", json_string("set"),
                  NULL);
        return;
    }
    if (mode == PHANTOM)
        json_push(set, json_int(1000000007));
    node_reply(m, "read_ok", "value", set, NULL);
}

static void on_start(void)
{
    if (mode != FORGETS)
        disk_open(replay);
    if (mode != LOCAL && mode != LOST_UPDATE)
        node_every(GOSSIP_MS, gossip, NULL);
}

int main(int argc, char **argv)
{
    mode = mode_parse(argc, argv, modes);
    node_on_start(on_start);
    node_on("add", on_add);
    node_on("read", on_read);
    node_on("merge", on_merge);
    return node_run();
}

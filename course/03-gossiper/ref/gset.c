/* gset.c - a set that only grows (Shapiro, Preguica, Baquero, Zawirski 2011, 3.3.1).
 *
 * A fact is an element. That two sets merge by union is all there is: union is commutative,
 * associative and idempotent, so order, repetition and detours of messages cannot matter. The
 * request merge shows it without the network, on two states that the client brings. */
#include "data.h"
#include "elements.h"
#include "set.h"
#include "spread.h"

static void on_add(const struct message *m)
{
    spread_new(json_get(m->body, "element"));
    node_reply(m, "add_ok", NULL);
}

static void on_read(const struct message *m)
{
    struct json *all = json_array();

    for (int i = 0; i < set_count(); i++)
        json_push(all, set_value(i));
    node_reply(m, "read_ok", "value", all, NULL);
}

static void on_merge(const struct message *m)
{
    struct json *state = json_object();

    json_set(state, "elements",
             elements_union(json_get(json_get(m->body, "left"), "elements"),
                            json_get(json_get(m->body, "right"), "elements")));
    node_reply(m, "merge_ok", "state", state, NULL);
}

const struct data data_gset = {
    .mode = "set",
    .record = set_add,
    .read = on_read,
    .add = on_add,
    .merge = on_merge,
};

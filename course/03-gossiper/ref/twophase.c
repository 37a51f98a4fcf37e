/* twophase.c - a set from which elements can be removed, once and for ever (Shapiro et al. 2011,
 * 3.3.2).
 *
 * Two sets that only grow: what was added, and what was removed. Both are kept as facts in one,
 *
 *     ["added", element]   ["removed", element]
 *
 * so that the removal travels and is compared as everything else is. An element is visible if it
 * was added and not removed. A removal is never forgotten: whoever was away when it happened would
 * bring the element back. */
#include "data.h"
#include "elements.h"
#include "set.h"
#include "spread.h"

#include <string.h>

static struct json *fact(const char *what, const struct json *element)
{
    struct json *f = json_array();

    json_push(f, json_string(what));
    json_push(f, (struct json *)(uintptr_t)element);
    return f;
}

static bool holds(const char *what, const struct json *element)
{
    return set_find(fact(what, element)) >= 0;
}

static void on_add(const struct message *m)
{
    const struct json *element = json_get(m->body, "element");

    if (holds("removed", element)) {
        node_error(m, NODE_PRECONDITION, "it was removed, and cannot come back");
        return;
    }
    spread_new(fact("added", element));
    node_reply(m, "add_ok", NULL);
}

static void on_remove(const struct message *m)
{
    const struct json *element = json_get(m->body, "element");

    if (!holds("added", element) || holds("removed", element)) {
        node_error(m, NODE_NO_KEY, "not present here");
        return;
    }
    spread_new(fact("removed", element));
    node_reply(m, "remove_ok", NULL);
}

static void on_read(const struct message *m)
{
    struct json *visible = json_array();

    for (int i = 0; i < set_count(); i++) {
        const char *what = json_text_of(json_at(set_value(i), 0));
        struct json *element = json_at(set_value(i), 1);

        if (what != NULL && strcmp(what, "added") == 0 && !holds("removed", element))
            json_push(visible, element);
    }
    node_reply(m, "read_ok", "value", visible, NULL);
}

static void on_merge(const struct message *m)
{
    const struct json *left = json_get(m->body, "left"), *right = json_get(m->body, "right");
    struct json *state = json_object();

    json_set(state, "added", elements_union(json_get(left, "added"), json_get(right, "added")));
    json_set(state, "removed",
             elements_union(json_get(left, "removed"), json_get(right, "removed")));
    node_reply(m, "merge_ok", "state", state, NULL);
}

const struct data data_twophase = {
    .mode = "2p",
    .record = set_add,
    .read = on_read,
    .add = on_add,
    .remove = on_remove,
    .merge = on_merge,
};

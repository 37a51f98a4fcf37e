/* g-set.c - every node tells all others its whole set, again and again. */
#include "node.h"

#include <stdlib.h>

enum { ELEMENTS_MAX = 1 << 16 };

static int64_t elements[ELEMENTS_MAX];
static int element_count;

static void add(int64_t element)
{
    for (int i = 0; i < element_count; i++) {
        if (elements[i] == element)
            return;
    }
    if (element_count == ELEMENTS_MAX) {
        node_log("more than %d elements", ELEMENTS_MAX);
        exit(1);
    }
    elements[element_count++] = element;
}

static struct json *list(void)
{
    struct json *all = json_array();

    for (int i = 0; i < element_count; i++)
        json_push(all, json_int(elements[i]));
    return all;
}

static void tell(void *unused)
{
    (void)unused;
    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            node_send(node_name(i), "merge", "elements", list(), NULL);
    }
}

static void start(void)
{
    node_every(200, tell, NULL);
}

static void on_add(const struct message *m)
{
    add(json_int_of(json_get(m->body, "element"), 0));
    node_reply(m, "add_ok", NULL);
}

static void on_merge(const struct message *m)
{
    struct json *theirs = json_get(m->body, "elements");

    for (size_t i = 0; i < json_len(theirs); i++)
        add(json_int_of(json_at(theirs, i), 0));
}

static void on_read(const struct message *m)
{
    node_reply(m, "read_ok", "value", list(), NULL);
}

int main(void)
{
    node_on_start(start);
    node_on("add", on_add);
    node_on("merge", on_merge);
    node_on("read", on_read);
    return node_run();
}

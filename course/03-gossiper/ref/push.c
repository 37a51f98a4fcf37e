/* push.c - random push, the half of an epidemic that is quick at the start (Demers et al. 1987).
 *
 * Each node tells a value once, when it first hears it. With n nodes and fanout f the share s that
 * hears it solves s = 1 - e^(-f s): 94 % for 3.
 *
 * With thousands of values a second a message for each would be all that the node does. push_soon()
 * lets them gather for 5 ms and tells them together: a value is 5 ms later at each hop, and costs a
 * fraction of a message. */
#include "push.h"

#include "node.h"
#include "set.h"

#include <stdlib.h>

enum {
    FANOUT = 3,
    SOON_MS = 5,
    FRESH_MAX = 500, /* values in one message */
};

static int fresh[FRESH_MAX];
static int fresh_count;

/* The first steps of a shuffle (Fisher, Yates): all subsets are equally likely, none twice. */
int push_draw(int count, int *ret_members)
{
    int others = 0;
    int *all = json_scratch((size_t)node_count() * sizeof(*all));

    for (int i = 0; i < node_count(); i++) {
        if (i != node_self())
            all[others++] = i;
    }
    if (count > others)
        count = others;
    for (int i = 0; i < count; i++) {
        int j = i + (int)(node_random() % (uint64_t)(others - i));

        ret_members[i] = all[j];
        all[j] = all[i];
    }
    return count;
}

static void tell_some(struct json *values, int fanout)
{
    int *members = json_scratch((size_t)node_count() * sizeof(*members));
    int count = push_draw(fanout, members);

    for (int i = 0; i < count; i++)
        node_send(node_name(members[i]), "rumour", "values", values, NULL);
}

void push(int number, int fanout)
{
    struct json *values = json_array();

    json_push(values, set_value(number));
    tell_some(values, fanout);
}

static void tell_fresh(void *owner)
{
    struct json *values = json_array();

    (void)owner;
    for (int i = 0; i < fresh_count; i++)
        json_push(values, set_value(fresh[i]));
    fresh_count = 0;
    tell_some(values, FANOUT);
}

void push_soon(int number)
{
    if (fresh_count == FRESH_MAX)
        tell_fresh(NULL);
    if (fresh_count == 0)
        node_after(SOON_MS, tell_fresh, NULL);
    fresh[fresh_count++] = number;
}

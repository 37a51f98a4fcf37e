/* push.c - random push, the half of an epidemic that is quick at the start (Demers et al. 1987).
 *
 * Each node tells a value once, when it first hears it. With n nodes and fanout f the share s that
 * hears it solves s = 1 - e^(-f s): 94 % for 3. */
#include "push.h"

#include "node.h"
#include "set.h"

#include <stdlib.h>

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

void push(int number, int fanout)
{
    int *members = json_scratch((size_t)node_count() * sizeof(*members));
    int count = push_draw(fanout, members);

    for (int i = 0; i < count; i++)
        node_send(node_name(members[i]), "rumour", "value", set_value(number), NULL);
}

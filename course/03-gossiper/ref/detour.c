/* detour.c - when a branch breaks.
 *
 *          P                         P
 *          |                       / | \            Q owes P an acknowledgement: P serves
 *          Q          =====>      /  Q  \           Q's other neighbours besides. They find
 *        /   \                   A       B          out about Q themselves and serve P.
 *       A     B
 *
 * Everybody knows the whole tree, so everybody knows who is behind a silent neighbour. The rule is
 * applied again to those who are reached that way: if A is silent as well, its neighbours are
 * served, and so on to the leaves. Nobody is told and nobody decides: each looks at its own links.
 *
 * The silent one stays a neighbour. It gets everything again and again (links.c), and its first
 * prompt answers end the detour. Who is slow, and not dead, has two ways meanwhile.
 *
 * A detour begins with all that waited for the silent one. What it had acknowledged and not passed
 * on before it died, nobody remembers; a comparison finds that. */
#include "detour.h"

#include "links.h"
#include "node.h"
#include "sync.h"
#include "tree.h"

#include <stdlib.h>

enum { LOOK_MS = 50 };

static bool on;
static int *ranks; /* of each member in the tree */

static bool is_neighbour(int member, const void *owner)
{
    (void)owner;
    return tree_edge(ranks[node_self()], ranks[member]);
}

/* Whom we should serve: via[m] is -1, or the silent one in whose place m is, or m itself. */
static void find_ways(int *via)
{
    int *queue = json_scratch((size_t)node_count() * sizeof(*queue));
    int head = 0, tail = 0;

    for (int m = 0; m < node_count(); m++) {
        via[m] = is_neighbour(m, NULL) ? m : -1;
        if (via[m] == m)
            queue[tail++] = m;
    }
    for (; head < tail; head++) {
        for (int m = 0; m < node_count() && links_silent(queue[head]); m++) {
            if (via[m] >= 0 || m == node_self() || !tree_edge(ranks[m], ranks[queue[head]]))
                continue;
            via[m] = queue[head];
            queue[tail++] = m;
        }
    }
}

static void look(void *owner)
{
    int *via;

    (void)owner;
    if (!on)
        return;
    via = json_scratch((size_t)node_count() * sizeof(*via));
    find_ways(via);
    for (int m = 0; m < node_count(); m++) {
        if (via[m] >= 0 && !links_open(m)) {
            links_add(m, via[m]);
            sync_with(m);
        }
    }
    for (int m = 0; m < node_count(); m++) {
        if (via[m] < 0 && links_open(m))
            links_drop(m);
    }
}

void detour_on(void)
{
    if (ranks == NULL) {
        ranks = calloc((size_t)node_count(), sizeof(*ranks));
        if (ranks == NULL)
            abort();
        for (int m = 0; m < node_count(); m++)
            ranks[m] = tree_rank(m);
        node_every(LOOK_MS, look, NULL);
    }
    on = true;
    links_set(is_neighbour, NULL);
    for (int m = 0; m < node_count(); m++) {
        if (links_open(m))
            sync_with(m);
    }
}

void detour_off(void)
{
    on = false;
}

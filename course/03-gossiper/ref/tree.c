/* tree.c - a tree of degree 6: five children each, as in a heap.
 *
 * The order of node_ids is the same for all today. Sorting costs nothing and makes the tree depend
 * on who the members are and on nothing else, so that nodes agree on it without a message. 25 nodes
 * have two levels below the root: 4 links from leaf to leaf. */
#include "tree.h"

#include "node.h"

#include <string.h>

enum { CHILDREN = 5 };

int tree_rank(int member)
{
    int rank = 0;

    for (int i = 0; i < node_count(); i++)
        rank += strcmp(node_name(i), node_name(member)) < 0;
    return rank;
}

static bool parent_of(int a, int b)
{
    return b > 0 && (b - 1) / CHILDREN == a;
}

bool tree_edge(int a, int b)
{
    return parent_of(a, b) || parent_of(b, a);
}

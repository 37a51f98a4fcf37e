/* tree.h - a spanning tree over all members that everybody computes alike. Pure arithmetic. */
#ifndef GOSSIPER_TREE_H
#define GOSSIPER_TREE_H

#include <stdbool.h>

/* Whether members a and b, by their places among the names in the order of bytes, are parent and
 * child. Nobody has more than 6 neighbours. */
bool tree_edge(int a, int b);
/* The place of a member among the names in the order of bytes. */
int tree_rank(int member);

#endif

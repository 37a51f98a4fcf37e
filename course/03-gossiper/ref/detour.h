/* detour.h - the spanning tree (tree.h), and ways around those of its nodes that are silent. */
#ifndef GOSSIPER_DETOUR_H
#define GOSSIPER_DETOUR_H

#include <stdbool.h>

/* From now on our links are those of the tree, and detours where needed. Compares with all
 * neighbours at once: we may have been started with nothing in a cluster that has much. */
void detour_on(void);
void detour_off(void);

#endif

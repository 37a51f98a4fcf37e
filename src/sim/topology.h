/* topology.h - who is whose neighbour in the topologies that workloads offer to nodes. */
#ifndef SIM_TOPOLOGY_H
#define SIM_TOPOLOGY_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum topology {
    TOPOLOGY_LINE,
    TOPOLOGY_GRID,  /* as square as can be, filled row by row */
    TOPOLOGY_TREE2, /* "tree" is another name for it */
    TOPOLOGY_TREE3,
    TOPOLOGY_TREE4,
    TOPOLOGY_TOTAL,
};
const char *topology_text(enum topology t);
bool topology_parse(struct str text, enum topology *ret_topology);

/* Writes the numbers of node's neighbours, ascending, to ret_neighbours (room for n); returns how
 * many. Neighbourhood is symmetric and connected. */
uint32_t topology_neighbours(enum topology t, uint32_t n, uint32_t node, uint32_t *ret_neighbours);

#endif

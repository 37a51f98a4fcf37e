/* All shapes number the nodes row by row: a tree's root is node 0 and the children of node i are
 * i*k+1 .. i*k+k; a grid has rows of ceil(sqrt(n)) nodes, the last one perhaps shorter. */
#include "topology.h"

#include "../base/assert.h"

static const char *const TEXTS[] = {
    [TOPOLOGY_LINE] = "line",   [TOPOLOGY_GRID] = "grid",   [TOPOLOGY_TREE2] = "tree2",
    [TOPOLOGY_TREE3] = "tree3", [TOPOLOGY_TREE4] = "tree4", [TOPOLOGY_TOTAL] = "total",
};

enum { TOPOLOGY_COUNT = sizeof(TEXTS) / sizeof(TEXTS[0]) };

const char *topology_text(enum topology t)
{
    ASSERT((size_t)t < TOPOLOGY_COUNT);
    return TEXTS[t];
}

bool topology_parse(struct str text, enum topology *ret_topology)
{
    size_t t;

    for (t = 0; t < TOPOLOGY_COUNT; t++) {
        if (str_is(text, TEXTS[t])) {
            *ret_topology = (enum topology)t;
            return true;
        }
    }
    if (!str_is(text, "tree"))
        return false;
    *ret_topology = TOPOLOGY_TREE2;
    return true;
}

static uint32_t grid_width(uint32_t n)
{
    uint32_t width = 1;

    while ((uint64_t)width * width < n)
        width++;
    return width;
}

static bool adjacent_in_grid(uint32_t n, uint32_t a, uint32_t b)
{
    uint32_t width = grid_width(n);

    return b == a + width || (b == a + 1 && b % width != 0);
}

/* Is there a link between a and b, where a < b? */
static bool adjacent(enum topology t, uint32_t n, uint32_t a, uint32_t b)
{
    switch (t) {
    case TOPOLOGY_LINE:
        return b == a + 1;
    case TOPOLOGY_GRID:
        return adjacent_in_grid(n, a, b);
    case TOPOLOGY_TREE2:
        return (b - 1) / 2 == a;
    case TOPOLOGY_TREE3:
        return (b - 1) / 3 == a;
    case TOPOLOGY_TREE4:
        return (b - 1) / 4 == a;
    case TOPOLOGY_TOTAL:
        return true;
    }
    ASSERT(!"a topology");
}

uint32_t topology_neighbours(enum topology t, uint32_t n, uint32_t node, uint32_t *ret_neighbours)
{
    uint32_t count = 0;
    uint32_t other;

    ASSERT(node < n);
    for (other = 0; other < n; other++)
        if (other < node ? adjacent(t, n, other, node)
                         : other > node && adjacent(t, n, node, other))
            ret_neighbours[count++] = other;
    return count;
}

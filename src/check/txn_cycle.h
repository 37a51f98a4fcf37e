/* txn_cycle.h - the cycles of a dependency graph, by the anomaly that each one is.
 *
 * Complete, with no limit of time: if the graph holds a cycle of some anomaly, that anomaly or one
 * that implies it is found. One cycle is given per anomaly and strongly connected component, the
 * shortest where the component is not so large that looking for it would take long. */
#ifndef CHECK_TXN_CYCLE_H
#define CHECK_TXN_CYCLE_H

#include "txn_graph.h"
#include "txn_model.h"

enum { TXN_CYCLES_MAX = 1024 }; /* kept of one anomaly; the rest is counted */

struct txn_cycle {
    enum txn_anomaly anomaly;
    uint32_t begin; /* of its edges */
    uint32_t len;
};

struct txn_cycles {
    struct txn_cycle *cycles; /* by anomaly, then by length and first transaction */
    uint32_t cycle_count;
    struct txn_edge *edges; /* between transactions; each begins where the one before ends */
    uint32_t edge_count;
    uint32_t counts[TXN_FOUND_COUNT]; /* components where the anomaly was found */
    size_t cycles_cap, edges_cap;
};

/* by_process, by_time: whether to look for those variants too. */
void txn_cycles_find(struct txn_cycles *c, const struct txn_graph *g, bool by_process,
                     bool by_time);
void txn_cycles_release(struct txn_cycles *c);

#endif

/* txn_graph.h - who must come before whom, and why: the dependency graph of transactions.
 *
 * Nodes below real_count are transactions; the others only pass edges on, so that "everything that
 * completed before this began" and "all readers of a version before all writers of the next" take
 * a number of edges that is linear. Edges are added, then txn_graph_finish() sorts them by node.
 * No edge leads from a node to itself, and no detour leads from a node to itself that stands for
 * such an edge. */
#ifndef CHECK_TXN_GRAPH_H
#define CHECK_TXN_GRAPH_H

#include "txn_history.h"

enum txn_edge_kind {
    TXN_WW = 1,         /* wrote the version before the one that the other wrote */
    TXN_WR = 2,         /* wrote the version that the other read */
    TXN_RW = 4,         /* read a version that the other replaced */
    TXN_BY_PROCESS = 8, /* the same process did one, then the other */
    TXN_BY_TIME = 16,   /* was complete before the other began */
    TXN_LINK = 32,      /* the rest of a detour, of the kind of its first edge */
};

struct txn_edge {
    uint32_t from;
    uint32_t to;
    uint32_t value; /* ww and rw: what the other wrote; wr: what was read; else TXN_NONE */
    uint32_t kind;
};

struct txn_graph {
    uint32_t real_count;
    uint32_t node_count;
    struct txn_edge *edges; /* by node after txn_graph_finish(), else in order of entry */
    uint32_t edge_count;
    uint32_t *begin; /* by node, and one more: its first edge */
    size_t edges_cap;
};

void txn_graph_init(struct txn_graph *g, uint32_t real_count);
void txn_graph_release(struct txn_graph *g);

/* Nothing happens where from is to. */
void txn_graph_add(struct txn_graph *g, struct txn_edge edge);

/* One end of many edges: a transaction, and the value it wrote or TXN_NONE. */
struct txn_end {
    uint32_t txn;
    uint32_t value;
};

/* An edge TXN_RW from each reader to each writer that is another transaction, carrying the writer's
 * value: linear in edges, through detours where there are many. */
void txn_graph_add_all(struct txn_graph *g, const uint32_t *readers, uint32_t reader_count,
                       const struct txn_end *writers, uint32_t writer_count);

/* Edges from each ok transaction to the next one that is not failed of its process. */
void txn_graph_add_processes(struct txn_graph *g, const struct txn_history *t);
/* A way from each ok transaction to all not failed ones that began after its completion. */
void txn_graph_add_time(struct txn_graph *g, const struct txn_history *t);

void txn_graph_finish(struct txn_graph *g);

#endif

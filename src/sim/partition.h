/* partition.h - which links a partition cuts. Pure arithmetic over node numbers.
 *
 * A plan is a matrix: cut[from * n + to] is true if messages from node from to node to are lost.
 * The diagonal is never cut. */
#ifndef SIM_PARTITION_H
#define SIM_PARTITION_H

#include "../base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct prng;

enum partition_kind {
    PARTITION_ONE,            /* one node alone */
    PARTITION_HALVES,         /* floor(n/2) against the rest */
    PARTITION_MAJORITY,       /* a smallest majority against the rest */
    PARTITION_MINORITY_THIRD, /* fewer than a third against the rest */
    PARTITION_ONE_WAY,        /* a random group hears nothing from the rest but is heard */
    PARTITION_BRIDGE,         /* two halves that only one node can reach, both ways */
    PARTITION_RING,           /* each node sees a majority, no two the same (majorities ring) */
    PARTITION_KIND_COUNT,
};
const char *partition_kind_text(enum partition_kind kind); /* "one", "halves", "majority", ... */
bool partition_kind_parse(struct str text, enum partition_kind *ret_kind);

/* Fills cut (n * n) with a random partition of this kind. With n < 2 nothing is cut; a kind that
 * needs more nodes than there are falls back to PARTITION_ONE. */
void partition_plan(enum partition_kind kind, uint32_t n, struct prng *prng, bool *ret_cut);

#endif

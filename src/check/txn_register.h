/* txn_register.h - what registers that transactions write and read reveal, where written values
 * are unique per key.
 *
 * The order of versions is known in part only: null comes before all, and a transaction that read
 * one value and wrote another replaced the first (writes follow reads, as Maelstrom assumes). Real
 * time adds to that where a model asked for knows of it. */
#ifndef CHECK_TXN_REGISTER_H
#define CHECK_TXN_REGISTER_H

#include "txn_graph.h"
#include "txn_report.h"

/* Reports into r and adds edges ww, wr and rw to g; by_time: reports too what real time says of
 * versions. t->kind is TXN_REGISTERS. */
void txn_register_infer(const struct txn_history *t, struct txn_report *r, struct txn_graph *g,
                        bool by_time);

#endif

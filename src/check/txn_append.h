/* txn_append.h - what lists that transactions append to and read reveal: the order of the
 * versions, hence dependencies, and all anomalies that are no cycles. */
#ifndef CHECK_TXN_APPEND_H
#define CHECK_TXN_APPEND_H

#include "txn_graph.h"
#include "txn_report.h"

/* Reports into r and adds edges ww, wr and rw to g. t->kind is TXN_LISTS. */
void txn_append_infer(const struct txn_history *t, struct txn_report *r, struct txn_graph *g);

#endif

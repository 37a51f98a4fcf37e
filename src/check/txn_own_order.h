/* txn_own_order.h - a transaction's own appends to a key stand in the list in the order it made
 * them. */
#ifndef CHECK_TXN_OWN_ORDER_H
#define CHECK_TXN_OWN_ORDER_H

#include <stdint.h>

struct txn_history;
struct txn_report;

/* Reports as incompatible-order what no order of transactions can explain: an append that stands
 * before an earlier one of the same transaction, or that was seen while the earlier one never was.
 * position: by value, its place in the key's order; TXN_NONE if no read shows it. witness: by key,
 * the operation whose read is that order, or TXN_NONE. What only the transaction itself has seen
 * is its internal affair (an anomaly of its own, which weak models allow). */
void txn_own_order(const struct txn_history *t, struct txn_report *r, const uint32_t *position,
                   const uint32_t *witness);

#endif

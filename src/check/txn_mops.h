/* txn_mops.h - what the operations of one transaction have to do with one another. For lists and
 * registers alike. */
#ifndef CHECK_TXN_MOPS_H
#define CHECK_TXN_MOPS_H

#include <stdint.h>

struct txn_history;

/* Links the operations of each transaction that share a key, and marks final writes.
 * ret_before: by operation, the one before it on the same key in its transaction, or TXN_NONE.
 * ret_final: by value, 1 if it is its transaction's last write to the key, else 0; values that no
 * transaction writes are left alone. */
void txn_link_mops(const struct txn_history *t, uint32_t *ret_before, uint32_t *ret_final);

uint32_t txn_of_mop(const struct txn_history *t, uint32_t mop); /* the transaction it belongs to */

#endif

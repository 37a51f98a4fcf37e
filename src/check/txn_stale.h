/* txn_stale.h - reads of registers that real time proves stale, or too early.
 *
 * Which of two values came first, registers do not tell; real time may. A transaction that shows a
 * value (wrote it last, or read it before it wrote there) and is complete before another begins
 * that shows another value: then the first value is the older one, wherever each transaction takes
 * place at one moment between its begin and its end. Where real time says so of two values both
 * ways round, no such moments exist. Reported as G-single-item-realtime, which is what it is
 * whichever order one assumes: one read, or one write, against real time. */
#ifndef CHECK_TXN_STALE_H
#define CHECK_TXN_STALE_H

#include "txn_report.h"

/* As txn_link_mops() gives them. */
struct txn_links {
    const uint32_t *before; /* by operation */
    const uint32_t *final;  /* by value */
};

/* At most one report a key. t->kind is TXN_REGISTERS. */
void txn_stale_find(const struct txn_history *t, const struct txn_links *links,
                    struct txn_report *r);

#endif

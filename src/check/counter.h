/* counter.h - counters that clients add to: g-counter and pn-counter.
 *
 * "add" carries a delta, ok "read" the sum. A final read must show the sum of all ok adds plus
 * that of some of the adds whose outcome is unknown; failed adds did not happen. Details:
 * "acceptable" (these sums as closed intervals [[lo, hi], ...]), "final-reads", "errors".
 *
 * Ours beside Maelstrom's: without any final read the verdict is unknown; an add or a final read
 * that is no integer is reported as malformed. Maelstrom's alone with maelstrom_verdict. */
#ifndef CHECK_COUNTER_H
#define CHECK_COUNTER_H

#include <stdbool.h>

struct checker;
struct history;
struct verdict;

struct counter_options {
    /* Judge every ok read, by what a linearizable counter may show: the adds that were complete
     * before it, and any of those that had begun when it ended. */
    bool strict;
    bool maelstrom_verdict;
};

void counter_check(const struct history *h, const struct counter_options *options,
                   struct verdict *ret_verdict);

/* "counter", options strict, maelstrom_verdict. */
extern const struct checker counter_checker;

#endif

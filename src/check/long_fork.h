/* long_fork.h - do all clients see writes to different keys appear in one order?
 *
 * Operations, as in Jepsen's long-fork: write [["w",k,v]], each key at most once; read
 * [["r",k,null], ..] -> [["r",k,v], ..] of a few keys at one moment; function txn may stand for
 * both. Snapshot isolation forbids that one read sees k1 without k2 and another k2 without k1;
 * parallel snapshot isolation allows it. Reads of the same keys are compared.
 *
 * Details: "reads-count", "early-read-count" (nothing was there), "late-read-count" (all was),
 * "forks" (pairs of reads, bounded), "fork-count". Unknown: a key is written twice or shows two
 * values, an answer is no list of reads, or no reads can be compared. */
#ifndef CHECK_LONG_FORK_H
#define CHECK_LONG_FORK_H

struct checker;

extern const struct checker long_fork_checker; /* "long-fork", no options */

#endif

/* failure.h - what kind of failure a run shows, and many failures by kind.
 *
 * A kind is the checker's name and the anomaly that it names first, or the beginning of its
 * sentence without what differs from run to run: numbers, values, names of nodes. A broken promise
 * of a node has the kind "protocol". So two runs of one bug mostly meet in one group, and two bugs
 * in two. */
#ifndef RUN_FAILURE_H
#define RUN_FAILURE_H

#include "../base/digest.h"
#include "../base/str.h"
#include "../check/verdict.h"

struct run_config;
struct run_result;

enum { FAILURE_GROUPS_MAX = 64, FAILURE_SEEDS_MAX = 16, FAILURE_KIND_MAX = 120 };

/* Appends the kind of a result that is not valid. A caller may have weakened valid; statistics that
 * are worse than it are the reason then. */
void failure_kind(const struct run_config *config, const struct run_result *result,
                  struct buf *out);

/* Appends at most FAILURE_KIND_MAX bytes of the sentence's first clause, with "_" for what differs
 * from run to run. */
void failure_outline(const char *sentence, const char *const *node_names, uint32_t node_count,
                     struct buf *out);

struct failure {
    uint64_t seed;
    enum valid valid; /* VALID_FALSE or VALID_UNKNOWN */
    const char *kind;
    const char *sentence;
    char digest[DIGEST_TEXT_SIZE]; /* of the run's journal */
};

struct failure_group {
    struct failure first; /* with the lowest seed; its texts are owned */
    uint64_t count;
    uint64_t seeds[FAILURE_SEEDS_MAX]; /* the lowest, in order */
    uint32_t seed_count;
};

/* All zero to begin with. */
struct failure_groups {
    struct failure_group *groups; /* invalid before unknown, then by the lowest seed */
    uint32_t count;
    size_t cap;
    uint64_t others; /* failures of further kinds, once FAILURE_GROUPS_MAX are known */
};

/* The order in which failures come does not matter. Copies f. */
void failure_groups_add(struct failure_groups *g, const struct failure *f);
void failure_groups_release(struct failure_groups *g);

#endif

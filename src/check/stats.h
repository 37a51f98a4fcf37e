/* stats.h - how many operations of each function ended how.
 *
 * Details: "count" (completions), "ok-count", "fail-count", "info-count" and "by-f" with the same
 * for each function. As in Maelstrom a function that never succeeded makes the verdict false. A
 * cas needs luck, though: where none succeeded and fewer than STATS_LUCK_MAX failed for certain (of
 * fewer than that if none did), ours is unknown, and the sentence says why. */
#ifndef CHECK_STATS_H
#define CHECK_STATS_H

#include <jansson.h>
#include <stdbool.h>

enum { STATS_LUCK_MAX = 30 };

struct checker;
struct history;
struct verdict;

struct stats_options {
    const json_t *exempt;   /* list of functions that need no success; NULL: crash and
                               debug-topic-partitions, as in Maelstrom's kafka */
    bool maelstrom_verdict; /* false for an unlucky cas too */
};

void stats_check(const struct history *h, const struct stats_options *options,
                 struct verdict *ret_verdict);

/* "stats", options exempt, maelstrom_verdict. */
extern const struct checker stats_checker;

#endif

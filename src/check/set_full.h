/* set_full.h - sets that only grow, read whole: broadcast and g-set.
 *
 * Adds carry one element (any JSON), ok reads a list of elements (null counts as empty). Details
 * are Maelstrom's set-full, and ours beside them:
 *   "lost-on-node"  known elements that a node's last final read misses (a map, node to elements)
 *   "phantom"       elements in a read that nobody had asked to add by then
 *   "resurrected"   elements in a read whose every add had definitely failed
 *   "duplicated"    elements that one read shows more than once, with how often (at most)
 *   "malformed-reads-count"  ok reads whose value is no list
 * each with its "-count". All five make the verdict false unless maelstrom_verdict is set; then
 * they are reported only. An element is known once its add or a read that shows it is complete.
 *
 * Not judged, since a node that restarts may honestly do it: an element that one read of a node
 * shows, a later one misses and a still later one shows again. */
#ifndef CHECK_SET_FULL_H
#define CHECK_SET_FULL_H

#include <stdbool.h>

struct checker;
struct history;
struct verdict;

struct set_full_options {
    const char *add;        /* name of the adding function; NULL: "add" */
    const char *read;       /* NULL: "read" */
    bool linearizable;      /* a read that misses a known element makes it invalid */
    bool maelstrom_verdict; /* judge by Maelstrom's rules alone */
};

void set_full_check(const struct history *h, const struct set_full_options *options,
                    struct verdict *ret_verdict);

/* "set-full", options add, read, linearizable, maelstrom_verdict. */
extern const struct checker set_full_checker;

#endif

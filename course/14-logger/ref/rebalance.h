/* rebalance.h - who of a consumer group reads which partitions, and how that changes hands.
 *
 * Laws: 1. A partition has one owner or none; the next one gets it when the one before has given it
 * up, left, or been put out. 2. A commit is taken from the owner only. 3. The generation of a group
 * rises with each change of its members, on every coordinator. 4. What was answered is in the
 * partition of the offsets, on all members in sync. */
#ifndef LOGGER_REBALANCE_H
#define LOGGER_REBALANCE_H

#include "json.h"

#include <stdbool.h>

void rebalance_routes(void);

/* What the partition of the offsets says of a group; all is forgotten before it is read anew. */
void rebalance_forget(void);
void rebalance_note(const char *group, const struct json *v);

/* Whether a commit may be taken. A group that nobody has ever joined has no owners. */
bool rebalance_has(const char *group);
bool rebalance_owns(const char *group, const char *member, int64_t generation, const char *key);

#endif

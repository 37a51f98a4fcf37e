/* replicas.h - a map from texts to texts in several copies that are merged now and then; where
 * they differ, the last write wins (Lamport clocks; of equal times, the higher replica).
 *
 * "Last" is by the replicas' own clocks, so a write that was acknowledged can lose against one
 * that was made, and acknowledged, before it. That is what lww-kv is there to teach. */
#ifndef SIM_REPLICAS_H
#define SIM_REPLICAS_H

#include "../base/str.h"

enum { REPLICA_COUNT = 2 };

struct replicas;

struct replicas *replicas_new(void);
void replicas_free(struct replicas *r); /* NULL is fine */

uint32_t replicas_keys(const struct replicas *r);  /* how many */
uint64_t replicas_bytes(const struct replicas *r); /* of all keys and values held */

void replicas_put(struct replicas *r, uint32_t replica, struct str key, struct str value);
/* Borrowed until the next put or merge; data NULL if there is none. */
struct str replicas_get(const struct replicas *r, uint32_t replica, struct str key);
/* into learns all that from knows. */
void replicas_merge(struct replicas *r, uint32_t into, uint32_t from);

#endif

/* kv.h - the data of tasks 14 to 17: keys, values, and the order in which they were put.
 *
 * Each put has a revision, one more than the last. An entry stands where its last put belongs, so
 * whoever has seen everything up to a revision goes on from there and misses only values that have
 * been overtaken. */
#ifndef NETWORKER_KV_H
#define NETWORKER_KV_H

#include "table.h"

#include <stdint.h>

struct kv_entry {
    struct kv_entry *older, *newer;
    uint64_t revision;
    struct bytes key, value;
};

uint64_t kv_put(struct bytes key, struct bytes value); /* the revision; tells kv_on_put() */
const struct kv_entry *kv_get(struct bytes key);       /* NULL: it is not there */

/* The oldest entry with a revision above this one, and so on with ->newer; NULL: there is none. */
const struct kv_entry *kv_after(uint64_t revision);

void kv_on_put(void (*told)(void));

#endif

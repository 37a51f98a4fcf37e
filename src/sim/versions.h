/* versions.h - a map from texts to texts that remembers its last states.
 *
 * State 0 is empty; each put makes the next state. Only the newest keep states can be read. */
#ifndef SIM_VERSIONS_H
#define SIM_VERSIONS_H

#include "../base/str.h"

struct versions;

struct versions *versions_new(uint32_t keep); /* at least 1 */
void versions_free(struct versions *v);       /* NULL is fine */

uint64_t versions_newest(const struct versions *v);
uint64_t versions_oldest(const struct versions *v); /* that can still be read */
uint32_t versions_keys(const struct versions *v);   /* how many */
uint64_t versions_bytes(const struct versions *v);  /* of all keys and values held */

void versions_put(struct versions *v, struct str key, struct str value);
/* The value of key in that state, borrowed until the next put; data NULL if there is none. */
struct str versions_get(const struct versions *v, uint64_t state, struct str key);

#endif

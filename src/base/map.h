/* map.h - texts to dense numbers: the first text put in is 0, the next 1, and so on.
 *
 * Nothing that eddy emits may depend on hash order: a map is walked by number, that is in the
 * order of entry. Texts are copied in. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "str.h"

#include <stdint.h>

enum { MAP_NONE = -1 };

struct map;

struct map *map_new(void);
void map_free(struct map *m); /* NULL is fine */
uint32_t map_len(const struct map *m);

/* The number of text, which enters the map if it was not there; *ret_new (may be NULL) says so. */
uint32_t map_put(struct map *m, struct str text, bool *ret_new);
int64_t map_find(const struct map *m, struct str text);    /* its number or MAP_NONE */
struct str map_text(const struct map *m, uint32_t number); /* borrowed; ends in 0 */

#endif

/* map.h - the requests that every ordered map on the disk understands: write, delete, write_batch,
 * read, scan. Which map it is, is the engine's. */
#ifndef LOGGER_MAP_H
#define LOGGER_MAP_H

#include "engine.h"
#include "node.h"
#include "ops.h"

/* Sees a pair; false: no more. */
typedef bool (*map_fn)(void *owner, struct slice key, struct slice value);

struct map {
    const struct engine *engine;
    /* 0 if this change can be carried out once it is in the log, or -errno. NULL: always. */
    int (*admit)(const struct op *op);
    /* 0, -ENOENT, -EBADMSG, or 1 if it has replied by itself. Adds the value to *ret_value. */
    int (*get)(const struct message *m, struct slice key, struct bytes *ret_value);
    /* Calls fn in the order of keys, from `from` to before `to` (data NULL: no end). */
    int (*scan)(const struct message *m, struct slice from, struct slice to, map_fn fn,
                void *owner);
};

void map_routes(const struct map *map);
void map_serve(const struct map *map, bool is_damaged); /* damaged: all answers are 1001 */
bool map_refuses(const struct message *m);              /* and has said so */

#endif

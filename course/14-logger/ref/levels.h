/* levels.h - the tables that are alive, in the order in which a key is searched.
 *
 * A run is a list of tables in the order of keys that do not overlap: it is searched as one large
 * table would be. On level 0 each flushed table is a run. Levels go from new to old, and on one
 * level so do runs, so the first entry that is found for a key is the newest. */
#ifndef LOGGER_LEVELS_H
#define LOGGER_LEVELS_H

#include "table.h"

struct live {
    struct table *table;
    uint32_t level;
    uint64_t run;
};

/* 0, -EBADMSG: damaged. Removes tables that nobody names. */
int levels_open(uint64_t *ret_flushed_lsn);

size_t levels_count(void); /* tables */
const struct live *levels_at(size_t i);
size_t levels_run_end(size_t first); /* the place behind the run that begins at first */
uint64_t levels_bytes(uint32_t level);
size_t levels_runs(uint32_t level);
uint32_t levels_deepest(void);
bool levels_has_damage(void);

uint64_t levels_new_number(void);
uint64_t levels_new_run(void);

/* Some tables go, others come, all in one step: before a crash all of the old, after it all of the
 * new. */
struct levels_change {
    const bool *goes; /* for each place; NULL: none */
    const struct live *comes;
    size_t come_count;
    uint64_t flushed_lsn; /* 0: as it was */
};
int levels_apply(const struct levels_change *c); /* 0, or -errno: all is as before */

#endif

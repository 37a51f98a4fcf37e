/* compact.h - merging tables, so that reads have fewer to look into and old entries go. */
#ifndef LOGGER_COMPACT_H
#define LOGGER_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the strategy of this folder has something to do. Never, if it has no level0_tables. */
bool compact_is_due(void);
/* One merge of what is due. 0, or -errno: all is as before. */
int compact_step(void);
/* All of one level with all of the next. */
int compact_level(uint32_t level);
/* Everything into the deepest level. */
int compact_all(void);

#endif

/* offsets.h - how far each consumer group has read: kept in a compacted partition of their own. */
#ifndef LOGGER_OFFSETS_H
#define LOGGER_OFFSETS_H

#define OFFSETS_KEY "__offsets"

void offsets_open(void);
void offsets_expire(void); /* forgets groups that have not committed for group_expire_ms */
void offsets_routes(void);

#endif

/* offsets.h - how far each consumer group has read: kept in a compacted partition of their own. */
#ifndef LOGGER_OFFSETS_H
#define LOGGER_OFFSETS_H

#include "replica.h"

#define OFFSETS_KEY "__offsets"

void offsets_open(void);
void offsets_expire(void); /* forgets groups that have not committed for group_expire_ms */
void offsets_routes(void);

/* The partition, if we lead it and know what it says; else NULL, and why not. It is made when it is
 * first asked for. */
struct topic *offsets_topic(int *ret_code);
/* True: t is NULL, and the request has been refused. */
bool offsets_refused(const struct message *m, const struct topic *t, int code);
enum node_code offsets_store_group(const char *group, struct json *v);
void offsets_read_again(void); /* what is known may be more than what is stored */

#endif

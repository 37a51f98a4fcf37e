/* disk.h - what a node must still know after it was killed and started again.
 *
 * One log per node, in the folder that the harness gives it (EDDY_DATA). A record is any JSON
 * value. Law: no message that a handler sends after disk_append() leaves the process before the
 * record is on disk; one fsync serves all records of a round of the event loop.
 * Without EDDY_DATA (as under other harnesses) nothing is kept, and a line on stderr says so. */
#ifndef KIT_DISK_H
#define KIT_DISK_H

#include "json.h"

/* Opens the log and calls replay for each record in it, oldest first. A half-written last record,
 * which nobody can have been told about, is cut off. Call it once, from node_on_start. */
void disk_open(void (*replay)(const struct json *record));
void disk_append(const struct json *record);

#endif

/* durable.h - term and vote, as they must survive a kill and a loss of power (Raft, figure 2:
 * "updated on stable storage before responding to RPCs").
 *
 * The file `vote` in EDDY_DATA has two slots in two sectors; they are written in turn, so a write
 * that is torn leaves the other one whole. Without EDDY_DATA nothing is kept. */
#ifndef DURABLE_H
#define DURABLE_H

#include <stdint.h>

struct durable {
    int64_t term;
    int64_t vote; /* a member's number, or -1 */
};

/* What was saved last, or {0, -1}. Ends the process if the disk does. */
struct durable durable_open(void);
/* On disk when it returns. One sync. */
void durable_save(struct durable d);

#endif

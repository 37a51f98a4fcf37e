/* votes.h - raft.h with a clock, a disk and a network: the leader by votes. */
#ifndef VOTES_H
#define VOTES_H

#include "office.h"

void votes_on_start(void); /* begins; registers nothing */
void votes_register(void); /* the types of messages between nodes, and `transfer` */
void votes_stop(void);     /* for good: from now on leases decide */
struct office votes_office(void);
bool votes_mine(int64_t *ret_token);
void votes_lost(int64_t token);

#endif

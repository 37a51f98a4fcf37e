/* lease.h - the leader by a record in lin-kv: {holder, epoch, ttl_ms, beat}. */
#ifndef LEASE_H
#define LEASE_H

#include "office.h"

void lease_begin(void);
struct office lease_office(void);
bool lease_mine(int64_t *ret_token);
void lease_lost(int64_t token);

#endif

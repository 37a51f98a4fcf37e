/* office.h - who leads, whichever way it was decided: by votes (votes.c) or by a lease (lease.c).
 */
#ifndef OFFICE_H
#define OFFICE_H

#include "json.h"

#include <stdbool.h>
#include <stdint.h>

struct office {
    const char *role;   /* "follower", "candidate", "leader" */
    int64_t term;       /* by lease: the epoch */
    const char *leader; /* its name; NULL: not known */
};

struct office office_now(void);
/* Do we lead? Then *ret_token is the term or epoch that we won, for everything we do with it. */
bool office_mine(int64_t *ret_token);
/* Somebody has refused this token, since there is a newer one. */
void office_lost(int64_t token);
/* The answer to those who should have asked the leader: error 1001. */
struct message;
void office_refuse(const struct message *m);

#endif

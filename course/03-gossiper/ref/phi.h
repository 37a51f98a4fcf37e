/* phi.h - how sure are we that somebody is dead (Hayashibara, Defago, Yared, Katayama 2004). */
#ifndef GOSSIPER_PHI_H
#define GOSSIPER_PHI_H

#include "node.h"

void phi_requests(void);
void phi_members(const struct message *m); /* answers the request members */

#endif

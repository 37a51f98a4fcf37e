/* swim.h - who is there: a failure detector whose load does not grow with the cluster. */
#ifndef GOSSIPER_SWIM_H
#define GOSSIPER_SWIM_H

#include "node.h"

void swim_requests(void);
void swim_mode(bool on);
bool swim_is_on(void);
void swim_members(const struct message *m); /* answers the request members */

#endif

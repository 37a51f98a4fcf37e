/* message.h - making messages; holding and dropping them is in world.h, for everybody. */
#ifndef SIM_MESSAGE_H
#define SIM_MESSAGE_H

#include "world.h"

/* With a copy of body and one reference, the caller's; id, time and endpoints are not set. */
struct message *message_new(struct str body);

#endif

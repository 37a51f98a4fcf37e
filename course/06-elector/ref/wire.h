/* wire.h - Raft's messages as JSON. */
#ifndef WIRE_H
#define WIRE_H

#include "raft.h"

struct message;

/* False: it is none of these, or from nobody we know. */
bool wire_read(const struct message *m, struct raft_message *ret_m);
/* request: what m answers, or NULL. If that bears a msg_id, m says which it answers. */
void wire_send(const struct raft_message *m, const struct message *request);

#endif

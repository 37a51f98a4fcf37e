/* commit.h - from a request that changes something to its reply: when is it synced, when answered.
 *
 * The change is a payload for the log. Whoever owns the state gives a function that carries
 * payloads out; the same function replays them after a restart, so both ways lead to the same
 * state. */
#ifndef LOGGER_COMMIT_H
#define LOGGER_COMMIT_H

#include "bytes.h"
#include "node.h"

/* Carries out what is durable (or as good as the policy asks for). What it says is the answer. */
typedef enum node_code (*commit_apply)(uint64_t lsn, struct slice payload);

void commit_open(commit_apply apply); /* reads sync, batch_ms, interval_ms from the config */
/* Logs the payload; TYPE_ok with its lsn or an error follows, at once or later. */
void commit(const struct message *m, struct slice payload);
/* The highest lsn that readers may see. */
uint64_t commit_visible(void);

#endif

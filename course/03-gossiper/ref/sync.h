/* sync.h - rounds: every so often two nodes compare their sets, and each gets what it lacks.
 *
 * Needs no memory of who has what, so it repairs everything: lost messages, nodes that were down,
 * nodes that came back empty. */
#ifndef GOSSIPER_SYNC_H
#define GOSSIPER_SYNC_H

#include <stdbool.h>

void sync_start(void);
/* Whether we begin rounds of our own. We answer those of others in any case. */
void sync_rounds(bool on);

#endif

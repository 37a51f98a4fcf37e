/* sync.h - rounds: every so often two nodes compare their sets, and each gets what it lacks.
 *
 * Needs no memory of who has what, so it repairs everything: lost messages, nodes that were down,
 * nodes that came back empty. */
#ifndef GOSSIPER_SYNC_H
#define GOSSIPER_SYNC_H

void sync_start(void);

/* With whom we begin rounds of our own. We answer those of others in any case. */
enum sync_rounds {
    SYNC_NEVER,
    SYNC_OFTEN,  /* with any member, five times a second */
    SYNC_SELDOM, /* with one of our links, or any member if there are none, every 5 s */
};
void sync_rounds(enum sync_rounds wanted);

/* Compares with this member now. */
void sync_with(int member);

#endif

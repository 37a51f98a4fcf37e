/* links.h - links to neighbours over which nothing is lost for good.
 *
 * Each link remembers what its neighbour has not acknowledged, and sends it again, as one message
 * for all that waits, until it is. */
#ifndef GOSSIPER_LINKS_H
#define GOSSIPER_LINKS_H

#include "json.h"

void links_start(void);

struct links_pace {
    int hold_ms;  /* how long a new value may wait for others, to travel with them; 0: not at all */
    int again_ms; /* when to send again what was not acknowledged; longer than a round trip */
    int late_ms;  /* who takes longer than this to acknowledge is silent (links_silent) */
};

void links_pace(struct links_pace pace);

/* The neighbours from now on, as chosen by `is`. Those that are new get all that we have. */
void links_set(bool (*is)(int member, const void *owner), const void *owner);
int links_count(void);
bool links_open(int member);
bool links_draw(int *ret_member); /* one of them, by lot; false: there are none */

/* One neighbour more, to whom everything goes that waits for `instead`; and one less. */
void links_add(int member, int instead);
void links_drop(int member);

/* Within the last second this neighbour has owed us an acknowledgement for too long. */
bool links_silent(int member);

/* Passes value number on to all neighbours but `except` (NULL: to all). */
void links_offer(int number, const char *except);
/* The same for what need not hurry: at least 5 ms later, together with what comes meanwhile. */
void links_offer_soon(int number, const char *except);
/* That neighbour has it: it sent it itself. */
void links_knows(const char *neighbour, int number);

#endif

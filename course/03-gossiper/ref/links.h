/* links.h - links to neighbours over which nothing is lost for good.
 *
 * Each link remembers what its neighbour has not acknowledged, and sends it again, as one message
 * for all that waits, until it is. One node owns its ends; the other end owns its own. */
#ifndef GOSSIPER_LINKS_H
#define GOSSIPER_LINKS_H

#include "json.h"

void links_start(void);

/* The neighbours from now on: a list of names. Those that are new get all that we have. */
void links_set(const struct json *names);
int links_count(void);

/* Passes value number on to all neighbours but `except` (NULL: to all). */
void links_offer(int number, const char *except);
/* That neighbour has it: it sent it itself. */
void links_knows(const char *neighbour, int number);

#endif

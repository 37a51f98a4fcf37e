/* plumtree.h - a broadcast tree that finds itself, and repairs itself (Leitao, Pereira, Rodrigues:
 * Epidemic Broadcast Trees, 2007). */
#ifndef GOSSIPER_PLUMTREE_H
#define GOSSIPER_PLUMTREE_H

#include "json.h"

void plumtree_start(void);
/* The neighbours from now on, all of them eager. */
void plumtree_neighbours(const struct json *names);
/* Value number is new here; a client brought it, or a comparison. */
void plumtree_new(int number);

#endif

/* spread.h - who is told of a value that is new here.
 *
 * In general: the neighbours, if a topology was given; else a few by lot, and rounds (sync.h) see
 * to the rest. The mode "push" has the lot alone. */
#ifndef GOSSIPER_SPREAD_H
#define GOSSIPER_SPREAD_H

#include "json.h"

void spread_start(void);

/* A client brought it. */
void spread_new(const struct json *value);
/* Another node sent it because it was new there; `from` need not be told. */
void spread_heard(const struct json *value, const char *from);
/* A comparison of the sets brought it. It is old news elsewhere, so it is not pushed by lot. */
void spread_found(const struct json *value, const char *from);

/* Takes a value in and tells nobody. Its number if it was new here, else -1. */
int spread_record(const struct json *value);

void spread_topology(const struct json *names);
/* NULL or an unknown mode: the general strategy. */
void spread_mode(const char *mode, int fanout);

#endif

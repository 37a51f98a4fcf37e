/* data.h - what the values mean.
 *
 * To spread.c and those below it a value is a value. What a replicated object stores there are
 * *facts*, JSON values that any node may take in in any order, any number of times. Each kind of
 * object says how a fact is taken in, what it makes obsolete, and how clients see the whole. */
#ifndef GOSSIPER_DATA_H
#define GOSSIPER_DATA_H

#include "node.h"

struct data {
    const char *mode;
    /* Takes a fact in. The number (set.h) of what is new here, which others have to hear of: the
     * fact, or what it has become together with one that was here. -1: nothing is new. */
    int (*record)(const struct json *fact);
    /* What clients ask; NULL: not of this kind. */
    node_handler read, add, remove, merge, write, erase;
};

extern const struct data data_values;   /* broadcast: any values, never interpreted */
extern const struct data data_gset;     /* a set that only grows */
extern const struct data data_twophase; /* a set with removal for ever */
extern const struct data data_lww;      /* registers: the last writer wins */
extern const struct data data_versions; /* registers: concurrent writes stay */

void data_requests(void);
void data_mode(const char *mode); /* NULL or unknown: data_values */
int data_record(const struct json *fact);

#endif

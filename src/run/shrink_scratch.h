/* shrink_scratch.h - small failing runs made from scratch. Only shrink.c includes it. */
#ifndef RUN_SHRINK_SCRATCH_H
#define RUN_SHRINK_SCRATCH_H

#include <jansson.h>
#include <stdbool.h>

struct shrink;

/* Tries small runs with operations of s->origin and faults of its kinds until one fails in the same
 * way, and adopts it; until so many were tried, or the time is over. recorded is the run with all
 * of its faults, evidence what its checkers name. True if one was found. */
bool shrink_scratch(struct shrink *s, const json_t *recorded, const json_t *evidence);

#endif

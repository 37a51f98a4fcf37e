/* shrink_guess.h - what to try first of a run that fails: candidates far smaller than it. */
#ifndef RUN_SHRINK_GUESS_H
#define RUN_SHRINK_GUESS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct shrink;

enum { GUESSES_MAX = 40 };

/* Boldest first. evidence: [[time of invocation, process], ...]. So many;
 * the caller's. */
uint32_t shrink_guesses(const struct shrink *s, const json_t *noisy, const json_t *evidence,
                        json_t *ret_ways[GUESSES_MAX]);

/* Whether the evidence names the operation, in a run with so many workers. */
bool shrink_is_evidence(const json_t *evidence, const json_t *op, json_int_t workers);

/* Few operations and faults. */
bool shrink_is_small(const json_t *candidate);

/* Calm but for messages that were lost, doubled, or far too late. */
json_t *shrink_only_extremes(const struct shrink *s, const json_t *noisy);

#endif

/* shrink_passes.h - the ways to make a failing run smaller. Only shrink.c and its passes include
 * it.
 *
 * Each pass tries what it can and is true if the best run became smaller. */
#ifndef RUN_SHRINK_PASSES_H
#define RUN_SHRINK_PASSES_H

#include "run.h"
#include "shrink.h"

struct trials;

struct shrink {
    const struct shrink_config *config;
    struct run_config base; /* what candidates are a part of */
    struct shrink_result *result;
    struct trials *trials;
    json_t *origin;   /* the run as it was recorded, without weather (shrink_is_weather) */
    json_t *best;     /* fails in the same way; NULL: none yet */
    const char *pass; /* under way */
    uint32_t time_rounds, guess_rounds;
    int64_t scratch_until_ns; /* as clock_real_ns(): no longer, or the passes have no time */
};

/* The candidate, which was run and is the same, becomes the best one: as its run recorded it. */
void shrink_adopt(struct shrink *s, json_t *candidate);
/* Tries them in order and adopts the first that is the same; drops all. True if there was one. */
bool shrink_try(struct shrink *s, json_t **candidates, uint32_t count);

/* True of a fault whose effect is in the fates of messages: loss, for one. */
bool shrink_is_weather(const char *kind); /* shrink.c */
json_t *shrink_without_weather(const json_t *candidate);

/* Takes candidate: all of it so much earlier; what would begin before the beginning begins there.
 */
json_t *shrink_earlier(json_t *candidate, int64_t by_ns); /* shrink_time.c */

bool shrink_guess(struct shrink *s); /* shrink_guess.c */
bool shrink_faults(struct shrink *s);
bool shrink_operations(struct shrink *s);
bool shrink_final(struct shrink *s);
bool shrink_messages(struct shrink *s);
bool shrink_nodes(struct shrink *s);
bool shrink_clients(struct shrink *s);
bool shrink_time(struct shrink *s); /* shrink_time.c */
bool shrink_values(struct shrink *s);

#endif

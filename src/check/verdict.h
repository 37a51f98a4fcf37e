/* verdict.h - what a checker found: valid, invalid or unknown, a sentence, and evidence.
 *
 * details is a JSON object with the keys that Maelstrom uses for that checker (docs/workloads.md),
 * "valid?" among them, plus ours. Its size is bounded whatever the history: lists are cut at
 * VERDICT_LIST_MAX with a count beside them. */
#ifndef CHECK_VERDICT_H
#define CHECK_VERDICT_H

#include <jansson.h>

enum { VERDICT_LIST_MAX = 32 };

/* In order of weight: a conjunction takes the greatest. */
enum valid { VALID_TRUE, VALID_UNKNOWN, VALID_FALSE };

struct verdict {
    enum valid valid;
    char *sentence;  /* mem_free; why, in words, for a person; NULL where valid is VALID_TRUE */
    json_t *details; /* owned */
};

enum valid valid_and(enum valid a, enum valid b);
json_t *valid_json(enum valid v); /* true, "unknown", false */

void verdict_release(struct verdict *v);

#endif

/* verdict.h - what a checker found: valid, invalid or unknown, a sentence, and evidence.
 *
 * details is a JSON object with the keys that Maelstrom uses for that checker (docs/workloads.md),
 * "valid?" among them, plus ours. Its size is bounded whatever the history: lists are cut at
 * VERDICT_LIST_MAX with a count beside them. */
#ifndef CHECK_VERDICT_H
#define CHECK_VERDICT_H

#include "../base/str.h"

#include <jansson.h>

enum {
    VERDICT_LIST_MAX = 32,
    VERDICT_TEXT_MAX = 400, /* bytes of a learner's value that details show; longer ones are cut */
    VERDICT_WORD_MAX = 64,  /* and that a sentence shows */
};

/* In order of weight: a conjunction takes the greatest. */
enum valid { VALID_TRUE, VALID_UNKNOWN, VALID_FALSE };

struct verdict {
    enum valid valid;
    char *sentence;  /* mem_free; why, in words, for a person; NULL where valid is VALID_TRUE */
    json_t *details; /* owned */
};

enum valid valid_and(enum valid a, enum valid b);
json_t *valid_json(enum valid v); /* true, "unknown", false */

void verdict_init(struct verdict *v); /* valid, no sentence, details {} */
void verdict_release(struct verdict *v);

/* Raises v->valid to at least valid and, if that is a rise, makes this the sentence: of several
 * reasons of equal weight the first stays. valid must not be VALID_TRUE. */
void verdict_blame(struct verdict *v, enum valid valid, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An operation, given by any of its events, as evidence: "index" of its invocation, "process",
 * "node", "f", "value", "invoked" and, where it came to a known end, "answer" and "completed". */
struct history;
json_t *verdict_operation(const struct history *h, uint32_t event);

/* Puts the operations of these events into details as "explanation": {"operations": [...]}, unless
 * an explanation is there: the first counts. Called with the blame they explain. */
void verdict_explain(struct verdict *v, const struct history *h, const uint32_t *events,
                     uint32_t count);

/* Writes "valid?" and, where there is one, "sentence" into details. The last call of a checker. */
void verdict_finish(struct verdict *v);

/* Appends item (taken) to list unless VERDICT_LIST_MAX items are in it; false if it was dropped. */
bool verdict_list_add(json_t *list, json_t *item);

/* A value that clients sent or got, for details: its JSON, or a string with its beginning where it
 * is longer than VERDICT_TEXT_MAX or no JSON. */
json_t *verdict_value(struct str json_text);

/* The same as the name of a member: the JSON text, cut likewise. Appends. */
void verdict_key(struct str json_text, struct buf *out);

/* The same for a sentence: at most VERDICT_WORD_MAX bytes, cut between characters. Returns into. */
enum { VERDICT_WORD_SIZE = VERDICT_WORD_MAX + 4 };
const char *verdict_word(struct str json_text, char into[VERDICT_WORD_SIZE]);

#endif

/* decisions.h - what was decided in a run, besides what its nodes did: operations, faults, and what
 * became of each message. Recorded from any run; given to a run, they take the place of chance.
 *
 *   {"workers": ["n0", "n1"],                       the node of each
 *    "operations": [{"at": 12, "worker": 0, "f": "write", "value": [0, 3]}, ...],
 *    "final": [0, 1],                               workers with last operations
 *    "faults": [{"kind": "pause", "start": 9, "stop": 90, "plan": {"nodes": ["n1"]}}, ...],
 *    "end": 5000,                                   of the load
 *    "messages": [{"src": "n0", "dest": "n1", "type": "vote", "nth": 2, "at": 40, "lost": true},
 *                 {"src": "n1", "dest": "n0", "type": "vote_ok", "nth": 1, "delays": [70, 81]}],
 *    "by": "time",                                  optional, see below
 *    "noisy": true}                                 optional: other messages are as chance has them
 *
 * Times are ns. A message is named by who sends what type to whom, and the how manieth of these it
 * is, from 1; or, if by says so, by about when it was sent (DECISIONS_NEAR_NS). Either name means
 * much the same in a run with fewer operations: the first where messages go on as before at other
 * times, the second where fewer are sent at the same times. All other messages are
 * calm: one copy, after the run's mean latency, nothing to and from clients. Rules of the
 * scenario come in between: after the calm, before what stands here.
 *
 * decide.lua is the reader of all but the messages. */
#ifndef RUN_DECISIONS_H
#define RUN_DECISIONS_H

#include "../base/str.h"
#include "../sim/world.h"

#include <jansson.h>

enum { DECISIONS_NEAR_NS = 25000000 };

struct decisions;
struct err;
struct fates;
struct history;

struct decisions_config {
    const struct world *world;
    int64_t latency_ns;
    const json_t *given; /* NULL: chance decides. Borrowed while the decisions live */
    bool record;
};

/* ERR_INPUT: given is not of the form above. */
int decisions_new(const struct decisions_config *config, struct decisions **ret_decisions,
                  struct err *err);
void decisions_free(struct decisions *d); /* NULL is fine */

/* What is calm comes before the rules of a scenario, what is decided after them. */
void decisions_add_calm(struct decisions *d, struct fates *f);
void decisions_add_fates(struct decisions *d, struct fates *f);

/* For the record: a message was dropped now; the scenario told what it drew (script.h). */
void decisions_dropped(struct decisions *d, const struct message *m, enum drop_reason reason);
void decisions_told(struct decisions *d, const char *what, uint32_t place, struct str json);

/* All that was decided, the caller's. Recorded messages are those that were not calm. concurrency
 * is the number of workers, ended_ns when the run was over. */
json_t *decisions_json(const struct decisions *d, const struct history *h, uint32_t concurrency,
                       int64_t ended_ns);

#endif

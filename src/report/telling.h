/* telling.h - a short run told in numbered sentences, for somebody who was not there.
 *
 * What clients ask and get, faults, what nodes log, and those messages among nodes that say
 * something new: one that repeats what was last said on its way (a heartbeat) is left out, unless
 * it was lost or late against the calm of the run. Messages of one kind that a node sends at one
 * moment are one sentence. At most TELLING_STEPS_MAX sentences: answers go first, then messages. */
#ifndef REPORT_TELLING_H
#define REPORT_TELLING_H

#include <jansson.h>
#include <stdint.h>

struct err;
struct run_view;

enum { TELLING_STEPS_MAX = 40 };

struct telling_config {
    const struct run_view *view; /* pictures.h */
    int64_t latency_ns;          /* of a calm message among nodes */
};

/* A list of {"time": ns, "text": "...", "calm": whether it was no fault, loss or delay}; the
 * caller's. NULL: the journal cannot be read. */
json_t *telling_json(const struct telling_config *config, struct err *err);

#endif

/* watch.h - a checker that looks on while a history grows, so that a run can stop at a violation.
 *
 * A checker with broken() (checker.h) tells of some beginnings that whatever follows, the history
 * is invalid. The watch looks at beginnings, each an eighth longer than the last, which costs about
 * nine checks of the whole; once one is broken it finds the shortest that is. Pure. */
#ifndef CHECK_WATCH_H
#define CHECK_WATCH_H

#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct checker;
struct history;

struct watch {
    const struct checker *checker;
    const json_t *options; /* that checker_run() took once; borrowed */
    uint32_t sound_len;    /* a beginning of that length was looked at and was not broken */
    uint32_t next_len;
};

/* What was found. The caller releases verdict. */
struct watch_found {
    struct verdict verdict; /* of the shortest broken beginning */
    uint32_t event;         /* its last event: with it the violation is certain */
};

void watch_init(struct watch *w, const struct checker *c, const json_t *options);

/* True: what h holds so far is invalid for good. False: go on; *ret_found is untouched. Cheap to
 * call after every event; h must be the same history, longer or not. Never true for a checker that
 * has no broken(). */
bool watch_broken(struct watch *w, const struct history *h, struct watch_found *ret_found);

#endif

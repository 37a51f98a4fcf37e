/* fates.h - who has a say about what becomes of each message of a run, one after the other.
 *
 * The world draws a fate (world.h); then the rules of a scenario may change it, then the decisions
 * of a run that is replayed or shrunk: whoever comes later sees what the earlier ones left. */
#ifndef RUN_FATES_H
#define RUN_FATES_H

#include <stdint.h>

struct message;
struct message_fate;

enum { FATES_MAX = 4 };

typedef void (*fates_fn)(void *owner, const struct message *m, struct message_fate *fate);

/* All zero to begin with. */
struct fates {
    uint32_t count;
    struct {
        void *owner;
        fates_fn fn;
    } links[FATES_MAX];
};

void fates_add(struct fates *f, fates_fn fn, void *owner);
void fates_decide(const struct fates *f, const struct message *m, struct message_fate *fate);

#endif

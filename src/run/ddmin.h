/* ddmin.h - which of many items a failure does not need: delta debugging (Zeller and Hildebrandt,
 * 2002), greedy, with several attempts at a time.
 *
 * All at once is tried first, then ever smaller runs of neighbours, down to single ones. In the end
 * no single item can go, unless the caller had enough before. */
#ifndef RUN_DDMIN_H
#define RUN_DDMIN_H

#include <stdbool.h>
#include <stdint.h>

struct ddmin {
    uint32_t count; /* items */
    uint32_t width; /* attempts at a time; 1 and up */
    void *owner;
    /* Which of the attempts still fails: the place of the first one in the given order, or -1. An
     * attempt says for each item whether it is kept. */
    int (*first)(void *owner, bool *const *attempts, uint32_t attempt_count);
    bool (*enough)(void *owner); /* stop here, with what there is; may be NULL */
};

/* keep has an element for each item, all true; false afterwards for those that can go. True if any
 * can. */
bool ddmin_run(const struct ddmin *d, bool *keep);

#endif

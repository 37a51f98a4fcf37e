/* lin_live.h - which operations of a part are open, and where, as the just-in-time search walks.
 *
 * Mutators and observers have bits, indeterminate operations (open for ever) have lanes, both given
 * by lin_layout.h. block holds all that a step back must restore besides the configurations. */
#ifndef CHECK_LIN_LIVE_H
#define CHECK_LIN_LIVE_H

#include "lin_op.h"

/* The open operations that have to do with one value, where states are values and one word of
 * bits is enough: what each would do in that state is then known without asking it. */
struct lin_wanted {
    uint64_t readers;  /* observers of it */
    uint64_t swappers; /* cas from it */
    uint64_t idle;     /* mutators that leave it as it is */
};

struct lin_live {
    const struct lin_op *ops; /* borrowed */
    uint64_t *mutators;       /* bits in use */
    uint64_t *observers;
    uint64_t *fixed;      /* mutators that cannot be hidden by a write: the key mask of the sets */
    uint64_t *total;      /* mutators that can */
    uint32_t *mutator_at; /* operation by bit */
    uint32_t *observer_at;
    uint32_t *class_at;  /* some operation of the class, by lane */
    uint32_t *available; /* how many of the class have been invoked, by lane */
    uint32_t *expire;    /* by lane; LIN_OPEN if the lane is free or never expires */
    void *block;         /* one piece of memory holds all the above */
    size_t size;
    struct lin_wanted *wanted; /* by value; NULL where it does not apply */
};

/* value_count: 0 where states are no values. */
void lin_live_init(struct lin_live *v, const struct lin_op *ops, uint32_t words, uint32_t lanes,
                   uint32_t value_count);
void lin_live_release(struct lin_live *v);

void lin_live_open_mutator(struct lin_live *v, uint32_t number, uint32_t place);
void lin_live_open_observer(struct lin_live *v, uint32_t number, uint32_t place);
void lin_live_open_class(struct lin_live *v, uint32_t number, uint32_t lane, uint32_t expire);
void lin_live_close(struct lin_live *v, uint32_t number, uint32_t place);

/* Takes back what is open to how it was when block was copied. */
void lin_live_load(struct lin_live *v, const void *block);

#endif

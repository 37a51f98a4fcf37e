/* hlc.h - a hybrid logical clock: near the wall clock, and never behind anything heard of. */
#ifndef GOSSIPER_HLC_H
#define GOSSIPER_HLC_H

#include <stdint.h>

struct stamp {
    int64_t ms;    /* the largest wall clock that is known, here or elsewhere */
    int64_t count; /* tells apart what happened while that stood still */
};

struct stamp hlc_now(void);         /* larger than any before, and than any seen */
void hlc_seen(struct stamp theirs); /* a stamp of another node */

#endif

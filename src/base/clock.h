/* clock.h - the machine's own clock, for what things cost and how long to wait.
 *
 * Never the time of a run: that is virtual, and the cage's to tell. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since some moment in the past; never goes back, and nobody can set it. */
int64_t clock_real_ns(void);

#endif

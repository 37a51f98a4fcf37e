/* hlc.c - Kulkarni, Demirbas, Madappa, Avva, Leone: Logical Physical Clocks, 2014, figure 5.
 *
 * Stamps are compared by ms, then by count, then (by those who use them) by the node's name. */
#include "hlc.h"

#include <time.h>

static struct stamp last;

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct stamp hlc_now(void)
{
    int64_t now = wall_ms();

    if (now > last.ms)
        last = (struct stamp){.ms = now};
    else
        last.count++;
    return last;
}

void hlc_seen(struct stamp theirs)
{
    if (theirs.ms > last.ms || (theirs.ms == last.ms && theirs.count > last.count))
        last = theirs;
}

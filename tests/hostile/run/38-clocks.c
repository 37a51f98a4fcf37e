#include "hostile.h"

#include <sys/time.h>
#include <sys/timex.h>

void attack(void)
{
    struct timespec t = {.tv_sec = 1};
    struct timeval tv = {.tv_sec = 1};
    struct timex change = {.modes = ADJ_FREQUENCY};

    TRY(clock_settime(CLOCK_REALTIME, &t) == 0);
    TRY(settimeofday(&tv, NULL) == 0);
    TRY(adjtimex(&change) >= 0);
    TRY(prctl(26 /* PR_SET_TSC */, 1, 0, 0, 0) == 0); /* a clock that is not the run's */
}

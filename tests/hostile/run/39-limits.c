#include "hostile.h"

void attack(void)
{
    struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    struct sched_param first = {.sched_priority = 1};
    cpu_set_t every;

    memset(&every, 255, sizeof(every));
    TRY(setrlimit(RLIMIT_CORE, &all) == 0);
    TRY(setrlimit(RLIMIT_FSIZE, &all) == 0);
    TRY(setrlimit(RLIMIT_NOFILE, &all) == 0);
    TRY(setpriority(PRIO_PROCESS, 0, -20) == 0);
    TRY(sched_setscheduler(0, SCHED_FIFO, &first) == 0);
    TRY(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
    TRY(sched_setaffinity(0, sizeof(every), &every) == 0);
}

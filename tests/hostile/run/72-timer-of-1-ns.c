/* A moment for each nanosecond, for ever. */
#include "hostile.h"

void attack(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    struct itimerspec every = {{0, 1}, {0, 1}};
    timer_t timer;

    signal(SIGUSR1, SIG_IGN);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &every, NULL);
}

/* Moments that no clock reaches, in every way to name them. */
#include "hostile.h"

#include <sys/timerfd.h>

static const struct timespec never = {INT64_MAX, 999999999};

static void *wait_one(void *how)
{
    struct itimerspec setting = {never, never};
    uint32_t word = 0;
    uint64_t count;
    int fd;

    switch ((int)(intptr_t)how) {
    case 0:
        nanosleep(&never, NULL);
        break;
    case 1:
        clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &never, NULL);
        break;
    case 2:
        fd = timerfd_create(CLOCK_REALTIME, 0);
        timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL);
        (void)!read(fd, &count, sizeof(count));
        break;
    case 3:
        syscall(SYS_futex, &word, 9, 0, &never, NULL, -1); /* FUTEX_WAIT_BITSET */
        break;
    default:
        alarm(UINT32_MAX);
        pause();
    }
    return NULL;
}

void attack(void)
{
    pthread_t thread;
    intptr_t i;

    for (i = 0; i < 5; i++)
        pthread_create(&thread, NULL, wait_one, (void *)i);
}

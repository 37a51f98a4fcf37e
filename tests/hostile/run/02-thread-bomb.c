#include "hostile.h"

static void *wait_for_ever(void *unused)
{
    pause();
    return unused;
}

void attack(void)
{
    pthread_t thread;
    int i;

    for (i = 0; i < 2000; i++)
        if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
            exit(1);
    through("2000 threads");
}

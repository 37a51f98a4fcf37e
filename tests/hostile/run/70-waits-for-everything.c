/* Whoever follows what these threads wait for has more descriptors than a process may have. */
#include "hostile.h"

#include <poll.h>

enum { COUNT = 900, THREADS = 20 };

static struct pollfd all[COUNT];

static void *wait_for_all(void *unused)
{
    poll(all, COUNT, 1000000);
    return unused;
}

void attack(void)
{
    pthread_t thread;
    int ends[2];
    int i;

    if (pipe(ends) < 0)
        return;
    for (i = 0; i < COUNT; i++)
        all[i] = (struct pollfd){.fd = dup(ends[0]), .events = POLLIN};
    for (i = 0; i < THREADS; i++)
        pthread_create(&thread, NULL, wait_for_all, NULL);
}

/* Two threads compute in turns, and one always waits for the other. */
#include "hostile.h"

static int there[2], back[2];

static void compute(int from, int to)
{
    char baton;

    while (read(from, &baton, 1) == 1) {
        for (volatile unsigned long i = 0; i < 200000000; i++)
            ;
        (void)!write(to, &baton, 1);
    }
}

static void *other(void *unused)
{
    compute(there[0], back[1]);
    return unused;
}

void attack(void)
{
    pthread_t thread;

    if (pipe(there) < 0 || pipe(back) < 0)
        return;
    pthread_create(&thread, NULL, other, NULL);
    (void)!write(there[1], "", 1);
    compute(back[0], there[1]);
}

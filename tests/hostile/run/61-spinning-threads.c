/* Two threads that compute for ever: one is always ready when the other's turn is over. */
#include "hostile.h"

static void *spin(void *unused)
{
    (void)unused;
    for (volatile unsigned long i = 0;; i++)
        ;
    return NULL;
}

void attack(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, spin, NULL);
    spin(NULL);
}

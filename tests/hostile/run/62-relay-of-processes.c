/* Each process computes for less than any budget of its own, starts the next and ends. Nobody waits
 * for them, so what they used is in nobody's account. */
#include "hostile.h"

void attack(void)
{
    signal(SIGCHLD, SIG_IGN);
    if (fork() > 0)
        for (;;)
            pause();
    for (;;) {
        for (volatile unsigned long i = 0; i < 200000000; i++)
            ;
        if (fork() > 0)
            _exit(0);
    }
}

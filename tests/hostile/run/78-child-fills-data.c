/* As 64, but a child does it, in a session of its own, while the first process is an honest node:
 * who kills that one first and then waits for it leaves the child time. */
#include "hostile.h"

void attack(void)
{
    if (fork() == 0) {
        setsid();
        fill_data();
        _exit(0);
    }
}

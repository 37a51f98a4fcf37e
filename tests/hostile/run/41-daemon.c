/* Gone with its node, however it hides. */
#include "hostile.h"

void attack(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            signal(SIGHUP, SIG_IGN);
            close(0);
            close(1);
            close(2);
            for (;;)
                pause();
        }
        _exit(0);
    }
    wait(NULL);
}

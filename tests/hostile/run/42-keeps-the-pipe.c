#include "hostile.h"

void attack(void)
{
    if (fork() == 0)
        for (;;)
            pause();
    exit(3);
}

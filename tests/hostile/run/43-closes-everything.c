#include "hostile.h"

void attack(void)
{
    close(0);
    close(1);
    for (;;)
        pause();
}

#include "hostile.h"

void attack(void)
{
    for (;;)
        pause();
}

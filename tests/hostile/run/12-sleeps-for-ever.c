#include "hostile.h"

void attack(void)
{
    for (;;)
        sleep(1000000);
}

#include "hostile.h"

void attack(void)
{
    for (volatile unsigned long i = 0;; i++)
        ;
}

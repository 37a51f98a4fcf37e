#include "hostile.h"

void attack(void)
{
    static char block[1 << 16];

    memset(block, 'x', sizeof(block));
    while (write(STDOUT_FILENO, block, sizeof(block)) > 0)
        ;
}

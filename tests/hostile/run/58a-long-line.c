#include "hostile.h"

void attack(void)
{
    static char block[1 << 16];
    int i;

    memset(block, '[', sizeof(block));
    for (i = 0; i < 1600; i++)
        if (write(STDOUT_FILENO, block, sizeof(block)) < 0)
            break;
}

#include "hostile.h"

void attack(void)
{
    static char block[1 << 10];

    memset(block, 'x', sizeof(block));
    block[sizeof(block) - 1] = '\n';
    while (write(STDERR_FILENO, block, sizeof(block)) > 0)
        ;
}

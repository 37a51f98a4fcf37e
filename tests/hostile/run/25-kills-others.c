#include "hostile.h"

void attack(void)
{
    TRY(kill(1, SIGKILL) == 0 && getppid() != 1);
    TRY(kill(getppid(), SIGKILL) == 0 && getppid() != 1);
    kill(-1, SIGKILL); /* says 0 even when it may signal nobody: whether its neighbour lives tells */
}

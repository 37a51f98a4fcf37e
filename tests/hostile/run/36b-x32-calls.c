#include "hostile.h"

void attack(void)
{
    TRY(syscall(0x40000000 | SYS_getpid) >= 0);
}

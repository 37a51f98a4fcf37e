#include "hostile.h"

void attack(void)
{
    raise(SIGSTOP);
}

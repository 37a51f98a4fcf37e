#include "hostile.h"

void attack(void)
{
    kill(0, SIGTERM);
}

#include "hostile.h"

void attack(void)
{
    if (chdir(getenv("EDDY_DATA")) < 0)
        through("its folder cannot be entered");
    raise(SIGSEGV);
}

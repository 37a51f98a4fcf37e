/* "No error" is not "passed". */
#include "hostile.h"

void attack(void)
{
    exit(0);
}

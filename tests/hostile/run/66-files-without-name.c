/* As 64, and no folder shows it: the files have no names any more, but are open. */
#include "hostile.h"

void attack(void)
{
    static char block[1 << 20];
    char path[4096];
    int i, k;

    for (i = 0; i < 300; i++) {
        int fd;

        snprintf(path, sizeof(path), "%s/file-%d", getenv("EDDY_DATA"), i);
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        unlink(path);
        for (k = 0; k < 10; k++)
            if (fd < 0 || write(fd, block, sizeof(block)) < 0)
                return;
    }
    TRY(i == 300);
}

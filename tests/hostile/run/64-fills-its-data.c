/* No file is large, but there are many. */
#include "hostile.h"

void attack(void)
{
    static char block[1 << 20];
    char path[4096];
    int i;

    for (i = 0; i < 3000; i++) {
        int fd;

        snprintf(path, sizeof(path), "%s/file-%d", getenv("EDDY_DATA"), i);
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0 || write(fd, block, sizeof(block)) < 0)
            break;
        close(fd);
    }
    TRY(i == 3000);
}

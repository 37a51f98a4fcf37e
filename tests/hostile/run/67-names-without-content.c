/* Empty files: nothing to see in bytes, but a file system has only so many. */
#include "hostile.h"

void attack(void)
{
    char path[4096];
    int i;

    for (i = 0; i < 400000; i++) {
        int fd;

        snprintf(path, sizeof(path), "%s/file-%d", getenv("EDDY_DATA"), i);
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        if (fd < 0)
            break;
        close(fd);
    }
    TRY(i == 400000);
}

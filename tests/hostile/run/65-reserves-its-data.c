/* As 64, without writing anything: a gigabyte takes a moment. */
#include "hostile.h"

void attack(void)
{
    char path[4096];
    bool got = false;
    int i;

    for (i = 0; i < 4; i++) {
        int fd;

        snprintf(path, sizeof(path), "%s/file-%d", getenv("EDDY_DATA"), i);
        fd = open(path, O_WRONLY | O_CREAT, 0600);
        got = fd >= 0 && syscall(SYS_fallocate, fd, 0, 0L, 15L << 20) == 0;
        close(fd);
    }
    TRY(got);
}

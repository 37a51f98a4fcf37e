/* As 64, but a child does it, in a session of its own, while the first process is an honest node:
 * who kills that one first and then waits for it leaves the child time. */
#include "hostile.h"

static void fill(void)
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

void attack(void)
{
    if (fork() == 0) {
        setsid();
        fill();
        _exit(0);
    }
}

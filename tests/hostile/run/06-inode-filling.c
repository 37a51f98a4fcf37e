#include "hostile.h"

void attack(void)
{
    char path[64];
    int i;

    for (i = 0; i < 600; i++) {
        int fd;

        snprintf(path, sizeof(path), "/tmp/inode-%d", i);
        fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            break;
        close(fd);
    }
    TRY(i == 600);
    while (i-- > 0) {
        snprintf(path, sizeof(path), "/tmp/inode-%d", i);
        unlink(path);
    }
}

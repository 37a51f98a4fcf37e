#include "hostile.h"

void attack(void)
{
    int fd, found = 0;

    for (fd = 3; fd < 1024; fd++)
        found += fcntl(fd, F_GETFD) >= 0;
    TRY(found > 0);
}

#include "hostile.h"

void attack(void)
{
    static char block[1 << 20];
    int fd = open("/tmp/filling", O_WRONLY | O_CREAT, 0600);
    int i;

    for (i = 0; fd >= 0 && i < 12 && write(fd, block, sizeof(block)) > 0; i++)
        ;
    TRY(i == 12);
    unlink("/tmp/filling");
}

#include "hostile.h"

#include <sys/ioctl.h>
#include <sys/personality.h>

void attack(void)
{
    char byte = 'x', three = 3;

    TRY(personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) >= 0);
    TRY(ioctl(STDIN_FILENO, TIOCSTI, &byte) == 0);
    TRY(ioctl(STDIN_FILENO, TIOCLINUX, &three) == 0);
    TRY(open("/dev/tty", O_RDWR) >= 0);
}

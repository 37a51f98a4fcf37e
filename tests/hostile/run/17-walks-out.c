#include "hostile.h"

void attack(void)
{
    TRY(open("../../../../../../../../etc/shadow", O_RDONLY) >= 0);
    TRY(open("/proc/self/root/etc/shadow", O_RDONLY) >= 0);
    TRY(open("/proc/self/cwd/../../../../../../etc/shadow", O_RDONLY) >= 0);
    TRY(open("/proc/1/root/etc/hostname", O_RDONLY) >= 0);
    TRY(open("/old/etc/hostname", O_RDONLY) >= 0);
    TRY(chdir("/proc/1/cwd") == 0);
}

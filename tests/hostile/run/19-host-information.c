#include "hostile.h"

void attack(void)
{
    TRY(open("/proc/cmdline", O_RDONLY) >= 0);
    TRY(open("/proc/kallsyms", O_RDONLY) >= 0);
    TRY(open("/proc/kmsg", O_RDONLY) >= 0);
    TRY(open("/proc/meminfo", O_RDONLY) >= 0);
    TRY(open("/sys/kernel", O_RDONLY | O_DIRECTORY) >= 0);
    TRY(open("/dev/kmsg", O_RDONLY) >= 0);
}

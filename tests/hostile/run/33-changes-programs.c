#include "hostile.h"

void attack(void)
{
    char self[4096] = "";

    TRY(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0 && open(self, O_WRONLY) >= 0);
    TRY(unlink(self) == 0);
    TRY(open("/usr/bin/hostile", O_WRONLY | O_CREAT, 0700) >= 0);
    TRY(open("/hostile", O_WRONLY | O_CREAT, 0700) >= 0);
    TRY(open("/etc/passwd", O_WRONLY) >= 0);
}

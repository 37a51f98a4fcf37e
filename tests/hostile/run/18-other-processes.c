#include "hostile.h"

void attack(void)
{
    char path[64];
    int pid, seen = 0;

    TRY(open("/proc/1/environ", O_RDONLY) >= 0);
    TRY(open("/proc/1/mem", O_RDONLY) >= 0);
    TRY(open("/proc/1/root", O_RDONLY | O_DIRECTORY) >= 0);
    for (pid = 1; pid < 70000; pid++) {
        snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
        seen += pid != getpid() && pid != getppid() && open(path, O_RDONLY | O_CLOEXEC) >= 0;
    }
    TRY(seen > 0);
}

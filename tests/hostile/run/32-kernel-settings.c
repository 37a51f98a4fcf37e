#include "hostile.h"

static bool write_to(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);

    return fd >= 0 && write(fd, text, strlen(text)) > 0;
}

void attack(void)
{
    TRY(write_to("/proc/sys/kernel/core_pattern", "|/tmp/x"));
    TRY(write_to("/proc/sys/kernel/hostname", "x"));
    TRY(write_to("/proc/sysrq-trigger", "?"));
    TRY(write_to("/proc/self/oom_score_adj", "-1000"));
    TRY(write_to("/proc/self/uid_map", "0 0 1"));
    TRY(sethostname("x", 1) == 0);
}

/* Links where somebody with more rights will read and write. For tests/hostile/links.lua. */
#include "hostile.h"

static void lay(const char *to, const char *name)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s", getenv("EDDY_DATA"), name);
    unlink(path);
    if (symlink(to, path) < 0)
        perror(name);
}

void attack(void)
{
    char path[4096];

    lay("/tmp/eddy-hostile-target", "file");
    lay("/tmp", "folder");
    lay("/proc/self/root", "folder-2");
    snprintf(path, sizeof(path), "%s/two..dots\n\033[31m", getenv("EDDY_DATA"));
    close(open(path, O_WRONLY | O_CREAT, 0600));
}

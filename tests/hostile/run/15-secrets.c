#include "hostile.h"

void attack(void)
{
    char path[4096];

    TRY(open("/etc/shadow", O_RDONLY) >= 0);
    TRY(open("/root", O_RDONLY | O_DIRECTORY) >= 0);
    TRY(open("/home", O_RDONLY | O_DIRECTORY) >= 0);
    TRY(open("/var/log", O_RDONLY | O_DIRECTORY) >= 0);
    TRY(open("/etc/hostname", O_RDONLY) >= 0);
    snprintf(path, sizeof(path), "%s/../n1", getenv("EDDY_DATA")); /* another learner's folder */
    TRY(open(path, O_RDONLY | O_DIRECTORY) >= 0);
}

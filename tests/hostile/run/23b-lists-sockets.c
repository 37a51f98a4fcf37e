/* The names of the local sockets of others, which are addresses. */
#include "hostile.h"

void attack(void)
{
    FILE *list = fopen("/proc/self/net/unix", "r");
    char line[4096];
    bool found = false;

    while (list != NULL && fgets(line, sizeof(line), list) != NULL)
        found = found || strstr(line, "eddy-hostile") != NULL;
    TRY(found);
}

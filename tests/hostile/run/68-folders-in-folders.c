/* Deeper than anybody who walks down with a descriptor for each can go. */
#include "hostile.h"

void attack(void)
{
    static const char name[] = "a-name-that-is-long-enough-to-be-too-long-for-a-path-very-soon";
    int depth = 0;

    if (chdir(getenv("EDDY_DATA")) < 0)
        return;
    while (depth < 100000 && mkdir(name, 0700) == 0 && chdir(name) == 0)
        depth++;
    TRY(depth == 100000);
}

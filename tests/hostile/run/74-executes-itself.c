/* A new program in the same process, again and again: each has all its budgets anew. */
#include "hostile.h"

void attack(void)
{
    static const char loop[] = "exec sh -c \"$0\" \"$0\"";
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)loop, (char *)loop, NULL};

    execv("/bin/sh", argv);
}

/* mode.h - the first argument of a test node chooses what it does wrong; without one it is right.
 */
#ifndef NODES_MODE_H
#define NODES_MODE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The place of argv[1] among the names (which end in NULL), or 0. An unknown name ends the process.
 */
static inline int mode_parse(int argc, char **argv, const char *const *names)
{
    if (argc < 2)
        return 0;
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(argv[1], names[i]) == 0)
            return i;
    }
    fprintf(stderr, "%s: unknown mode %s; the modes are", argv[0], argv[1]);
    for (int i = 0; names[i] != NULL; i++)
        fprintf(stderr, " %s", names[i]);
    fprintf(stderr, "\n");
    exit(2);
}

#endif

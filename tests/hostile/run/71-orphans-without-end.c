/* Orphans that end at once keep their keeper busy, while others take the memory. */
#include "hostile.h"

static void make_orphans(void)
{
    for (;;) {
        if (fork() == 0) {
            fork();
            _exit(0);
        }
        wait(NULL);
    }
}

void attack(void)
{
    enum { SHARE = 24 << 20 };
    int i;

    for (i = 0; i < 4; i++)
        if (fork() == 0) {
            char *memory = malloc(SHARE);

            if (memory != NULL)
                memset(memory, 1, SHARE);
            if (i == 0)
                make_orphans();
            for (;;)
                pause();
        }
}

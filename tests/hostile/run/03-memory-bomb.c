#include "hostile.h"

void attack(void)
{
    for (;;)
        memset(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 1,
               1 << 20);
}

#include "hostile.h"

void attack(void)
{
    int i;

    printf("{\"src\":\"n0\",\"dest\":\"n1\",\"body\":{\"type\":");
    for (i = 0; i < 100000; i++)
        putchar('[');
    for (i = 0; i < 100000; i++)
        putchar(']');
    printf("}}\n");
    fflush(stdout);
}

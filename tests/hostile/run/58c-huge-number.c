#include "hostile.h"

void attack(void)
{
    int i;

    printf("{\"src\":\"n0\",\"dest\":\"n1\",\"body\":{\"type\":\"x\",\"msg_id\":1");
    for (i = 0; i < 5000; i++)
        putchar('0');
    printf("}}\n");
    fflush(stdout);
}

/* A million tiny messages to its neighbour. */
#include "hostile.h"

void attack(void)
{
    for (;;)
        printf("{\"src\":\"n0\",\"dest\":\"n1\",\"body\":{\"type\":\"x\"}}\n");
}

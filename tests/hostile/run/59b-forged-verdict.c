#include "hostile.h"

void attack(void)
{
    printf("{\"valid?\":true,\"verdict\":\"passed\"}\n");
}

#include "hostile.h"

void attack(void)
{
    printf("{\"src\":\"n1\",\"dest\":\"c0\",\"body\":{\"type\":\"echo_ok\",\"in_reply_to\":1}}\n");
}

/* The expected transcript, before anybody asks. */
#include "hostile.h"

void attack(void)
{
    int i;

    for (i = 1; i < 100; i++)
        printf("{\"src\":\"n0\",\"dest\":\"c3\",\"body\":{\"type\":\"echo_ok\",\"echo\":%d,"
               "\"in_reply_to\":%d}}\n",
               i, i);
    for (;;)
        pause();
}

/* Each answer is the next question, and no time passes between them. */
#include "hostile.h"

void attack(void)
{
    static char line[1 << 16];

    do
        printf("{\"src\":\"n0\",\"dest\":\"n0\",\"body\":{\"type\":\"again\"}}\n");
    while (fgets(line, sizeof(line), stdin) != NULL);
}

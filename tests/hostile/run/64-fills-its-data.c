/* No file is large, but there are many. */
#include "hostile.h"

void attack(void)
{
    fill_data();
}

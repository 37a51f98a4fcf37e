/* Nothing: what the others are held against. */
#include "hostile.h"

void attack(void)
{
}

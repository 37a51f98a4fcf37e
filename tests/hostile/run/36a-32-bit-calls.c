/* 20 is getpid there, and writev here. */
#include "hostile.h"

void attack(void)
{
    long result = 20;

    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    through("a 32-bit call");
}

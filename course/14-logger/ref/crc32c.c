#include "crc32c.h"

static uint32_t table[256];

static void table_fill(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;

        for (int bit = 0; bit < 8; bit++)
            c = (c & 1) != 0 ? (c >> 1) ^ 0x82f63b78u : c >> 1;
        table[i] = c;
    }
}

uint32_t crc32c(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint32_t c = ~0u;

    if (table[1] == 0)
        table_fill();
    while (len-- > 0)
        c = (c >> 8) ^ table[(c ^ *p++) & 0xff];
    return ~c;
}

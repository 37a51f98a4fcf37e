/* utf8.c - one code point is a first byte and up to three of the form 10xxxxxx. */
#include "utf8.h"

#include <stdint.h>

static bool continues(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Bytes of the code point at the front, or 0 if there is no valid one. */
static size_t point_len(const unsigned char *at, size_t len)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t want = at[0] < 0x80                    ? 1
                  : at[0] >= 0xC2 && at[0] < 0xE0 ? 2
                  : at[0] >= 0xE0 && at[0] < 0xF0 ? 3
                  : at[0] >= 0xF0 && at[0] < 0xF5 ? 4
                                                  : 0;
    uint32_t code;

    if (want < 2 || want > len)
        return want <= len ? want : 0;
    code = at[0] & (0xFFu >> (want + 1));
    for (size_t i = 1; i < want; i++) {
        if (!continues(at[i]))
            return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    if (code < smallest[want] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 0;
    return want;
}

bool utf8_valid(const char *bytes, size_t len)
{
    const unsigned char *at = (const unsigned char *)bytes;

    while (len > 0) {
        size_t n = point_len(at, len);

        if (n == 0)
            return false;
        at += n;
        len -= n;
    }
    return true;
}

size_t utf8_points(const char *bytes, size_t len)
{
    size_t points = 0;

    for (size_t i = 0; i < len; i++)
        points += !continues((unsigned char)bytes[i]);
    return points;
}

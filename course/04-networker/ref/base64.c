/* base64.c - three bytes are four letters of six bits; the last are filled up with "=". */
#include "base64.h"

#include "buffer.h"

#include <stdint.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_put(struct buffer *out, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t three = (uint32_t)(unsigned char)bytes.at[i] << 16;
        char four[4];

        if (left > 1)
            three |= (uint32_t)(unsigned char)bytes.at[i + 1] << 8;
        if (left > 2)
            three |= (unsigned char)bytes.at[i + 2];
        for (int k = 0; k < 4; k++)
            four[k] = letters[three >> (18 - 6 * k) & 63];
        if (left < 3)
            four[3] = '=';
        if (left < 2)
            four[2] = '=';
        buffer_put(out, four, sizeof(four));
    }
}

bool base64_take(struct bytes text, struct buffer *out)
{
    uint32_t bits = 0;
    int count = 0;

    if (text.len % 4 != 0)
        return false;
    for (int i = 0; i < 2 && text.len > 0 && text.at[text.len - 1] == '='; i++)
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        const char *letter = memchr(letters, text.at[i], sizeof(letters) - 1);
        char byte;

        if (letter == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(letter - letters);
        count += 6;
        if (count >= 8) {
            count -= 8;
            byte = (char)(bits >> count);
            buffer_put(out, &byte, 1);
        }
    }
    return true;
}

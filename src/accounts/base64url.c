#include "base64url.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(struct str bytes, struct buf *out)
{
    size_t i;

    for (i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i < 3 ? bytes.len - i : 3, k;
        uint32_t group = 0;
        for (k = 0; k < 3; k++)
            group = group << 8 | (k < left ? (unsigned char)bytes.data[i + k] : 0);
        for (k = 0; k <= left; k++)
            buf_add_char(out, letters[group >> (18 - 6 * k) & 63]);
    }
}

bool base64url_decode(struct str text, struct buf *out)
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t i;

    for (i = 0; i < text.len; i++) {
        const char *at = text.data[i] != '\0' ? strchr(letters, text.data[i]) : NULL;
        if (at == NULL)
            return false;
        bits = bits << 6 | (uint32_t)(at - letters);
        have += 6;
        if (have >= 8) {
            have -= 8;
            buf_add_char(out, (char)(bits >> have & 255));
        }
    }
    /* What is left over is less than a letter's worth, and zero. */
    return have < 6 && (bits & ((1u << have) - 1)) == 0;
}

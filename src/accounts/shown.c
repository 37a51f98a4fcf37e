#include "shown.h"

/* The length of the sign of UTF-8 at text, 0 if it is none. */
static size_t sign_len(const unsigned char *text, size_t left)
{
    size_t len = text[0] < 0x80                       ? 1
                 : text[0] >= 0xc2 && text[0] <= 0xdf ? 2
                 : text[0] >= 0xe0 && text[0] <= 0xef ? 3
                 : text[0] >= 0xf0 && text[0] <= 0xf4 ? 4
                                                      : 0;
    size_t i;

    if (len > left)
        return 0;
    for (i = 1; i < len; i++)
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    return len;
}

/* Signs that are not to be seen, or turn the direction of writing: with them one name can look like
 * another. */
static bool is_invisible(const unsigned char *text, size_t len)
{
    if (len == 1)
        return text[0] < 0x20 || text[0] == 0x7f;
    if (len == 2)
        return text[0] == 0xc2 && text[1] < 0xa0;
    if (len != 3)
        return false;
    if (text[0] == 0xe2 && text[1] == 0x80)
        return (text[2] >= 0x8b && text[2] <= 0x8f) || (text[2] >= 0xa8 && text[2] <= 0xae);
    return (text[0] == 0xe2 && text[1] == 0x81 && text[2] >= 0xa0 && text[2] <= 0xaf) ||
           (text[0] == 0xef && text[1] == 0xbb && text[2] == 0xbf);
}

bool text_can_be_shown(struct str text)
{
    size_t i, len;

    for (i = 0; i < text.len; i += len) {
        const unsigned char *at = (const unsigned char *)text.data + i;
        len = sign_len(at, text.len - i);
        if (len == 0 || is_invisible(at, len))
            return false;
    }
    return true;
}

#include "url.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool url_decode(struct str raw, struct buf *out)
{
    size_t i;

    for (i = 0; i < raw.len; i++) {
        char c = raw.data[i];
        if (c == '%') {
            int high = i + 2 < raw.len ? digit(raw.data[i + 1]) : -1;
            int low = i + 2 < raw.len ? digit(raw.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\0')
            return false;
        buf_add_char(out, c);
    }
    return true;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~' || c == '/';
}

void url_encode(struct str text, struct buf *out)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (is_plain(text.data[i]))
            buf_add_char(out, text.data[i]);
        else
            buf_addf(out, "%%%02X", (unsigned char)text.data[i]);
}

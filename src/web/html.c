#include "html.h"

#include "../base/assert.h"
#include "../base/json_scan.h"

#include <stdarg.h>

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_control(char c)
{
    return ((unsigned char)c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
}

void html_text(struct buf *out, struct str text)
{
    const char *at = text.data, *end;

    if (text.len == 0)
        return; /* data may be NULL */
    end = text.data + text.len;
    while (at < end) {
        size_t len = json_utf8_len(at, end);
        const char *name = entity(*at);

        if (len == 0 || is_control(*at))
            buf_add_text(out, "\xef\xbf\xbd");
        else if (name != NULL)
            buf_add_text(out, name);
        else
            buf_add(out, at, len);
        at += len > 0 ? len : 1;
    }
}

void html_addf(struct buf *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    for (; *format != '\0'; format++) {
        if (*format != '%') {
            buf_add_char(out, *format);
            continue;
        }
        switch (*++format) {
        case 's':
            html_text(out, str_of(va_arg(args, const char *)));
            break;
        case 'u':
            buf_add_i64(out, va_arg(args, unsigned));
            break;
        case 'd':
            buf_add_i64(out, va_arg(args, int));
            break;
        default:
            ASSERT(*format == '%');
            buf_add_char(out, '%');
        }
    }
    va_end(args);
}

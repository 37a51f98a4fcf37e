#include "html.h"

#include "../base/assert.h"
#include "../report/xml.h"

#include <stdarg.h>

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
            xml_text(out, str_of(va_arg(args, const char *)));
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

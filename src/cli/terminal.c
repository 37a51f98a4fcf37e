#include "terminal.h"

#include "../base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_USUAL = 100, WIDTH_MAX = 120, WIDTH_MIN = 40 };

bool terminal_has_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR");

    return (no == NULL || no[0] == '\0') && isatty(fileno(out));
}

int terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < WIDTH_MIN)
        return WIDTH_USUAL;
    return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

void terminal_print(FILE *out, enum terminal_style style, const char *format, ...)
{
    static const char *const codes[] = {"", "\033[32m", "\033[31m", "\033[1m", "\033[2m"};
    bool colour = style != STYLE_PLAIN && terminal_has_colour(out);
    va_list args;

    if (colour)
        fputs(codes[style], out);
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    if (colour)
        fputs("\033[0m", out);
}

void terminal_print_foreign(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text >= 0x20 ? *text != 0x7f : *text == '\n' || *text == '\t')
            fputc(*text, out);
}

void terminal_progress(const char *format, ...)
{
    va_list args;

    if (!isatty(STDERR_FILENO))
        return;
    fputs("\r\033[K", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fflush(stderr);
}

void terminal_add_file_url(struct buf *out, const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

    buf_add_text(out, "file://");
    for (; *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL)
            buf_add_char(out, *path);
        else
            buf_addf(out, "%%%02X", (unsigned)(unsigned char)*path);
    }
}

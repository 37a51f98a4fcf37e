#include "terminal.h"

#include "../base/str.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_USUAL = 100, WIDTH_MAX = 120, WIDTH_MIN = 20, PROGRESS_SIZE = 512 };

/* Whether it is a terminal that obeys escape sequences. */
static bool obeys(int fd)
{
    const char *term = getenv("TERM");

    return isatty(fd) && term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

bool terminal_has_colour(FILE *out)
{
    const char *no = getenv("NO_COLOR");

    return (no == NULL || no[0] == '\0') && obeys(fileno(out));
}

static int width_of(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return WIDTH_USUAL;
    return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

int terminal_width(void)
{
    return width_of(STDOUT_FILENO);
}

int terminal_column(int width, int line_width)
{
    int missing = line_width - terminal_width();

    return missing <= 0 ? width : missing < width ? width - missing : 0;
}

size_t terminal_fit(const char *text, int columns)
{
    size_t i;

    for (i = 0; text[i] != '\0'; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80 && columns-- <= 0)
            break;
    return i;
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

bool terminal_progress(const char *format, ...)
{
    char line[PROGRESS_SIZE];
    va_list args;

    if (!obeys(STDERR_FILENO))
        return false;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    /* the last column stays free: in some terminals the cursor goes to the next line there */
    fprintf(stderr, "\r\033[K%.*s", (int)terminal_fit(line, width_of(STDERR_FILENO) - 1), line);
    fflush(stderr);
    return true;
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

/* terminal.h - colours and marks, on a terminal only. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

struct buf;

enum terminal_style {
    STYLE_PLAIN,
    STYLE_GOOD,   /* green */
    STYLE_BAD,    /* red */
    STYLE_STRONG, /* bold */
    STYLE_FAINT,
};

/* Whether what goes to this stream is seen by a person: a terminal, and NO_COLOR is not set. */
bool terminal_has_colour(FILE *out);
int terminal_width(void); /* of standard output; 100 where it is not known, at most 120 */

/* printf() in a style. */
void terminal_print(FILE *out, enum terminal_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints a text of a program under test: control characters are left out, but for newlines and
 * tabs, so that it cannot command the terminal. */
void terminal_print_foreign(FILE *out, const char *text);

/* The address under which a browser finds an absolute path; terminals make links of it, up to the
 * first blank, so what is no plain character is written as %XX. */
void terminal_add_file_url(struct buf *out, const char *path);

/* A line that is written over by the next one, on stderr if that is a terminal. "" clears it. */
void terminal_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

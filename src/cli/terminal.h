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

/* Whether what goes to this stream is seen by a person, in colour: it is a terminal that obeys
 * escape sequences (TERM is neither missing nor "dumb"), and NO_COLOR is not set. */
bool terminal_has_colour(FILE *out);
int terminal_width(void); /* of standard output; 100 where it is not known, 20 to 120 */
/* How wide a column of a table should be: as asked for, or narrower by what its lines, all in all
 * so wide, are too wide for the terminal. */
int terminal_column(int width, int line_width);
/* How many bytes of the text, UTF-8, fit into so many columns. */
size_t terminal_fit(const char *text, int columns);

/* printf() in a style. */
void terminal_print(FILE *out, enum terminal_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Prints a text of a program under test: control characters are left out, but for newlines and
 * tabs, so that it cannot command the terminal. */
void terminal_print_foreign(FILE *out, const char *text);

/* The address under which a browser finds an absolute path; terminals make links of it, up to the
 * first blank, so what is no plain character is written as %XX. */
void terminal_add_file_url(struct buf *out, const char *path);

/* A line that is written over by the next one, on stderr; "" clears it. It is cut where the
 * terminal ends, since only one line can be written over. false: stderr is no terminal that can do
 * this, and nothing is printed. */
bool terminal_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

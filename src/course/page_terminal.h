/* page_terminal.h - a page as text for a terminal: wrapped, tables in columns, code as it stands.
 *
 * What a page says in bold or as a heading is bold if colours are wanted. Pictures in SVG and other
 * HTML are left out; a line says so. */
#ifndef COURSE_PAGE_TERMINAL_H
#define COURSE_PAGE_TERMINAL_H

#include "../base/str.h"

struct page_terminal {
    int width;   /* columns; 40 and up */
    bool colour; /* escape sequences for bold and faint */
};

/* Appends the Markdown as text. */
void page_terminal(const struct page_terminal *t, struct str markdown, struct buf *out);

#endif

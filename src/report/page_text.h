/* page_text.h - texts inside the data blocks of report.html.
 *
 * A data block is a <script> element that no browser runs. HTML ends it at the first "</script",
 * whatever JSON thinks of strings, and turns carriage returns into newlines. So every '<' goes out
 * as \u003c, which JSON reads as the same character, and blanks that JSON allows between tokens
 * become spaces: a JSON text stays one line. */
#ifndef REPORT_PAGE_TEXT_H
#define REPORT_PAGE_TEXT_H

#include "../base/str.h"

/* Appends JSON text (a whole one, or a piece of one). */
void page_add_json(struct buf *out, struct str json);

/* Appends the inside of a JSON string, with quotes around it, cut to about bytes_max bytes between
 * characters; a cut one ends in "…". */
void page_add_inside(struct buf *out, struct str inside, size_t bytes_max);

/* Appends plain text as a JSON string. */
void page_add_quoted(struct buf *out, struct str text);

/* The greatest length up to bytes_max at which the inside of a JSON string, or any JSON text, can
 * be cut without splitting a character or an escape. */
size_t page_cut(struct str json, size_t bytes_max);

#endif

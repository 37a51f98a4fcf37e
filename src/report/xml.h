/* xml.h - texts of strangers inside SVG and HTML.
 *
 * What programs under test write ends up in our pictures. Whatever bytes come in, what goes out is
 * well-formed XML text that changes neither the markup nor the reading direction around it: the
 * five special characters become entities, and anything XML cannot carry (control characters,
 * broken UTF-8) or that would turn the text around (bidi controls) becomes U+FFFD. */
#ifndef REPORT_XML_H
#define REPORT_XML_H

#include "../base/str.h"

/* Good in element content and in attributes between double or single quotes. */
void xml_text(struct buf *out, struct str text);

/* At most bytes_max bytes of text, cut between characters; a cut text ends in "… (N bytes)". */
void xml_cut(struct buf *out, struct str text, size_t bytes_max);

/* The same for labels, whose whole text stands elsewhere: a cut one ends in "…". */
void xml_label(struct buf *out, struct str text, size_t bytes_max);

/* A duration or a moment on an axis, in few characters: "0", "350 µs", "12.5 ms", "3.204 s". */
enum { TIME_TEXT_MAX = 32 };
const char *time_text(int64_t ns, char into[TIME_TEXT_MAX]);

/* A count with its thousands apart: "12,345". */
enum { COUNT_TEXT_MAX = 32 };
const char *count_text(uint64_t count, char into[COUNT_TEXT_MAX]);

#endif

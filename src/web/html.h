/* html.h - the one place where text becomes HTML.
 *
 * What a learner, a page or a URL says reaches a page through html_text() or a %s of html_addf(),
 * and there is no third way; so nothing that anybody writes can become markup. Good inside of
 * elements and of attributes in double quotes. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include "../base/str.h"

/* Appends the text with & < > " ' as entities. Bytes that are not UTF-8 and control characters
 * (but newline and tab) become U+FFFD. */
void html_text(struct buf *out, struct str text);

/* Like buf_addf() with %s, %u, %d and %% only: every %s is escaped as above. */
void html_addf(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

/* html.h - HTML with texts of strangers in it.
 *
 * What a learner, a page or a URL says reaches a page through xml_text() (report/xml.h) or a %s of
 * html_addf(), and there is no third way; so nothing that anybody writes can become markup. Good
 * inside of elements and of attributes in double quotes. */
#ifndef WEB_HTML_H
#define WEB_HTML_H

struct buf;

/* Like buf_addf() with %s, %u, %d and %% only: every %s goes through xml_text(). */
void html_addf(struct buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

/* markdown.h - Markdown of the course as HTML, and as plain words for the search.
 *
 * Pages are parsed as course/page.h says (CommonMark and tables). HTML inside of them is shown as
 * the text that it is; comments are left out. Headings keep their level and get the id that links
 * of the course use. */
#ifndef WEB_MARKDOWN_H
#define WEB_MARKDOWN_H

#include "../base/str.h"

struct markdown {
    void *owner;
    /* Appends where a link leads here. Nothing appended: nowhere, and its words stay plain text.
     * NULL: no link leads anywhere. */
    void (*link)(void *owner, struct str target, struct buf *ret_url);
    bool without_tables;
};

void markdown_html(const struct markdown *m, struct str text, struct buf *out);
/* Words, with one blank between them. */
void markdown_words(struct str text, struct buf *out);

#endif

/* sections.h - the sections of a page of the course, each in the form that suits what it says:
 * hints and interview questions behind doors, concepts in columns, the rest as it is written. */
#ifndef WEB_SECTIONS_H
#define WEB_SECTIONS_H

#include <stdint.h>

struct buf;
struct page;
struct page_part;
struct site;
struct track;

/* The list of a page's sections, as links; extra_title stands before them and leads to the element
 * of the id extra_id. Both may be NULL. */
void sections_contents(const struct page *p, const char *extra_id, const char *extra_title,
                       struct buf *out);
/* One part of level 2, with its heading. */
void sections_add(const struct site *s, const struct track *t, const struct page *p,
                  const struct page_part *part, struct buf *out);

#endif

/* needs.h - what builds on what: for each track, the tracks that one should have done before.
 *
 * Of a written track its page says it, by the links of its section Prerequisites; of a planned one
 * course/planned.txt. A track never needs itself, and none twice. */
#ifndef WEB_NEEDS_H
#define WEB_NEEDS_H

struct buf;
struct site;
struct site_track;

/* Fills needs and need_count of all tracks of the site; they are freed with it. */
void needs_read(struct site *s);
/* Appends their slugs with commas between: links to those that are written. */
void needs_links(const struct site *s, const struct site_track *st, struct buf *out);

#endif

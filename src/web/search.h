/* search.h - finds words in all texts of the course and of the manual.
 *
 * What is found is a section of a page: the text below one heading. All words must be in it or in
 * its titles, in any order; ASCII letters match in either case. Hints are not searched: they are
 * for those who ask for them. */
#ifndef WEB_SEARCH_H
#define WEB_SEARCH_H

#include "../base/str.h"

struct site;

enum { SEARCH_WORDS_MAX = 8, SEARCH_QUERY_MAX = 200, SEARCH_FOUND_MAX = 40 };

struct search_entry {
    const char *place;   /* "Messenger: a node that talks"; "Manual"; borrowed from the site */
    const char *title;   /* of the page */
    const char *heading; /* of the section; "" if it is the page's beginning */
    char *url;
    struct buf words, folded; /* the section's words; in lower case */
    char *folded_titles;
};

struct search;

struct search *search_new(const struct site *s);
void search_free(struct search *s); /* NULL is fine */
uint32_t search_count(const struct search *s);
const struct search_entry *search_entry(const struct search *s, uint32_t i);

/* The best first, at most SEARCH_FOUND_MAX; gives their count. */
uint32_t search_find(const struct search *s, const char *query,
                     const struct search_entry *found[SEARCH_FOUND_MAX]);
/* Appends some words around the first match as HTML, with <mark> around each match. */
void search_excerpt(const struct search_entry *e, const char *query, struct buf *out);

#endif

/* page_bodies.h - bodies of messages for report.html, as many and as whole as a budget allows.
 *
 * Each body is kept whole up to a limit that starts at BODIES_WHOLE_MAX. When all of them together
 * outgrow the budget, the limit is lowered and what is kept already is cut to it: a few giants
 * lose their tails before the many small ones lose anything. Bodies are JSON texts; what is kept of
 * them is escaped for a data block (page_text.h). */
#ifndef REPORT_PAGE_BODIES_H
#define REPORT_PAGE_BODIES_H

#include "../base/str.h"

#include <stdint.h>

enum {
    BODIES_WHOLE_MAX = 64 << 10, /* bytes of one body, before anything is short */
    BODIES_CUT_MIN = 64,         /* no body is cut below this before some are left out */
};

struct page_body {
    size_t at, len; /* in text */
    size_t whole;   /* bytes of the body as it was sent */
    bool is_cut;
};

struct page_bodies {
    struct buf text;
    struct page_body *bodies;
    size_t count, cap;
    size_t budget, limit;
};

void page_bodies_init(struct page_bodies *b, size_t budget);
void page_bodies_release(struct page_bodies *b);

void page_bodies_add(struct page_bodies *b, struct str body);

/* Forgets the first count bodies. */
void page_bodies_drop(struct page_bodies *b, size_t count);

/* Lowers the budget; the last bodies are emptied if cutting alone cannot meet it. */
void page_bodies_shrink(struct page_bodies *b, size_t budget);

/* Appends them, a line each; before one that is cut stand "~", its whole size and a space. */
void page_bodies_write(const struct page_bodies *b, struct buf *out);

#endif

/* page.h - a page of the course read into its parts: the head, and what stands under each heading.
 *
 * A page is Markdown (CommonMark and tables, parsed by md4c) behind a small head:
 *
 *     ---
 *     title: One line, one message
 *     level: 1
 *     ---
 *
 * Reading never fails for what a page says or lacks; page_check.h judges that. Lines count from 1,
 * as editors do. All texts are owned by the page. */
#ifndef COURSE_PAGE_H
#define COURSE_PAGE_H

#include "../base/str.h"

struct err;

enum { PAGE_MAX = 1 << 20 };

struct page_field {
    char *name, *value;
    uint32_t line;
};

/* A heading and what follows up to the next heading of any level. The first part has no heading:
 * level 0, title "". */
struct page_part {
    int level;
    char *title; /* as plain text */
    uint32_t line;
    size_t begin, end; /* bytes of page.text, the heading's own line included */
    size_t body;       /* where that line is over */
    uint32_t words;    /* outside of code blocks and of HTML */
    uint32_t code_blocks, tables, items;
    char *table_head; /* cells of the last table's head, with " | " between them; or NULL */
};

struct page_link {
    char *target; /* as written: "06-call.md#hints", "https://..." */
    uint32_t line;
    uint32_t part; /* where it stands */
    bool image;
};

struct page {
    char *path; /* as given */
    struct buf text;
    bool has_head;
    uint32_t head_end; /* the head's last line; 0 if there is none */
    struct page_field *fields;
    uint32_t field_count;
    size_t field_cap;
    struct page_part *parts; /* at least one */
    uint32_t part_count;
    size_t part_cap;
    struct page_link *links;
    uint32_t link_count;
    size_t link_cap;
};

/* ERR_MACHINE, ERR_FULL: the file cannot be read, or is above PAGE_MAX. */
int page_read(const char *path, struct page **ret_page, struct err *err);
void page_free(struct page *p); /* NULL is fine */

const struct page_field *page_field(const struct page *p, const char *name); /* or NULL */
/* The part with this level and title, or NULL. */
const struct page_part *page_part(const struct page *p, int level, const char *title);
/* The first part behind those that stand below this one. */
uint32_t page_part_after(const struct page *p, uint32_t part);
/* The text below a heading, with all parts of deeper level, without blanks around it; borrowed. */
struct str page_body(const struct page *p, const struct page_part *part);
/* Hint n of a task's page, from 1; data NULL if there is none. */
struct str page_hint(const struct page *p, uint32_t n);
/* Appends the name by which a link finds a heading: lower case, "-" for blanks, no punctuation. */
void page_anchor(const char *title, struct buf *out);

#endif

#include "sections.h"

#include "../base/str.h"
#include "../course/page.h"
#include "../report/xml.h"
#include "html.h"
#include "site.h"

#include <string.h>

static void add_anchor(const char *title, struct buf *out)
{
    struct buf anchor = {0};

    buf_add_text(&anchor, "");
    page_anchor(title, &anchor);
    xml_text(out, buf_str(&anchor));
    buf_release(&anchor);
}

void sections_contents(const struct page *p, const char *extra_id, const char *extra_title,
                       struct buf *out)
{
    uint32_t i;

    buf_add_text(out, "<nav class=\"contents\" data-island=\"contents\" "
                      "aria-labelledby=\"on-this-page\">\n"
                      "<h2 id=\"on-this-page\">On this page</h2>\n<ul>\n");
    if (extra_title != NULL)
        html_addf(out, "<li><a href=\"#%s\">%s</a></li>\n", extra_id, extra_title);
    for (i = 0; i < p->part_count; i++) {
        if (p->parts[i].level != 2)
            continue;
        buf_add_text(out, "<li><a href=\"#");
        add_anchor(p->parts[i].title, out);
        html_addf(out, "\">%s</a></li>\n", p->parts[i].title);
    }
    buf_add_text(out, "</ul>\n</nav>\n");
}

/* Each behind its own door, so that one reads no more than one wanted. */
static void add_hints(const struct site *s, const struct track *t, const struct page *p,
                      struct buf *out)
{
    struct str hint;
    uint32_t n;

    buf_add_text(out, "<p class=\"soft\">Open one at a time; the last one says nearly everything."
                      "</p>\n");
    for (n = 1; (hint = page_hint(p, n)).data != NULL; n++) {
        html_addf(out, "<details class=\"fold hint\">\n<summary>Hint %u</summary>\n", n);
        site_markdown(s, t, hint, false, out);
        buf_add_text(out, "</details>\n");
    }
}

/* The id stands inside of the door: a browser that is sent there opens it. */
static void add_questions(const struct site *s, const struct track *t, const struct page *p,
                          const struct page_part *section, struct buf *out)
{
    uint32_t i = (uint32_t)(section - p->parts), end = page_part_after(p, i);

    buf_add_text(out, "<p class=\"soft\">Answer first, aloud or on paper; then open.</p>\n");
    for (i++; i < end; i++) {
        const struct page_part *part = &p->parts[i];
        if (part->level != 3)
            continue;
        html_addf(out, "<details class=\"fold question\">\n<summary>%s</summary>\n<div id=\"",
                  part->title);
        add_anchor(part->title, out);
        buf_add_text(out, "\">\n");
        site_markdown(s, t, page_body(p, part), false, out);
        buf_add_text(out, "</div>\n</details>\n");
    }
}

static bool has_questions(const struct page *p, const struct page_part *part)
{
    const struct page_part *next = part + 1;

    return strcmp(part->title, "Interview questions") == 0 && next < p->parts + p->part_count &&
           next->level == 3 && part->words == 0;
}

void sections_add(const struct site *s, const struct track *t, const struct page *p,
                  const struct page_part *part, struct buf *out)
{
    buf_add_text(out, "<section class=\"");
    add_anchor(part->title, out);
    buf_add_text(out, "\">\n<h2 id=\"");
    add_anchor(part->title, out);
    html_addf(out, "\">%s</h2>\n", part->title);
    if (strcmp(part->title, "Hints") == 0 && page_hint(p, 1).data != NULL)
        add_hints(s, t, p, out);
    else if (has_questions(p, part))
        add_questions(s, t, p, part, out);
    else
        site_markdown(s, t, page_body(p, part), false, out);
    buf_add_text(out, "</section>\n");
}

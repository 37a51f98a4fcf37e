/* Search, the manual, files. */
#include "pages.h"

#include "../base/err.h"
#include "../course/page.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "search.h"
#include "sections.h"
#include "site.h"
#include "statics.h"

#include <string.h>

/* ---- search ---- */

static void add_found(const struct search_entry *e, const char *query, struct buf *out)
{
    html_addf(out, "<li>\n<h2><a href=\"%s\">%s</a></h2>\n<p class=\"place\">%s", e->url,
              e->heading[0] != '\0' ? e->heading : e->title, e->place);
    if (e->heading[0] != '\0' && e->title != e->place)
        html_addf(out, " · %s", e->title);
    buf_add_text(out, "</p>\n<p>");
    search_excerpt(e, query, out);
    buf_add_text(out, "</p>\n</li>\n");
}

static void add_results(const struct search *search, const char *query, struct buf *out)
{
    const struct search_entry *found[SEARCH_FOUND_MAX];
    uint32_t i, count = search_find(search, query, found);

    if (count == 0) {
        html_addf(out,
                  "<p class=\"lead\">No section has all of these words: %s. Fewer words find "
                  "more.</p>\n",
                  query);
        return;
    }
    html_addf(out,
              "<p class=\"lead\">%s%u sections with all of these words: %s</p>\n"
              "<ol class=\"found\">\n",
              count == SEARCH_FOUND_MAX ? "The best " : "", count, query);
    for (i = 0; i < count; i++)
        add_found(found[i], query, out);
    buf_add_text(out, "</ol>\n");
}

int page_search(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const char *asked = request_value(q, "q");
    const char *query = strlen(asked) <= SEARCH_QUERY_MAX ? asked : "";
    struct layout l = {.title = "Search", .query = query, .who = q->person};
    struct buf *out = response_html(r, 200);

    (void)err;
    layout_begin(s, &l, out);
    buf_add_text(out, "<h1>Search</h1>\n");
    if (query[0] == '\0')
        buf_add_text(out, "<p class=\"lead\">Type some words into the field above; tracks, tasks, "
                          "theory and the manual are searched.</p>\n");
    else
        add_results(s->search, query, out);
    layout_end(out);
    return 0;
}

/* ---- the manual ---- */

/* The chapter's first paragraph. */
static void add_beginning(const struct site *s, const struct site_doc *doc, struct buf *out)
{
    uint32_t i;

    for (i = 0; i < doc->page->part_count; i++) {
        const struct page_part *part = &doc->page->parts[i];
        struct str text = {doc->page->text.data + part->body, part->end - part->body};
        const char *end;
        if (part->level != 1)
            continue;
        while (text.len > 0 && text.data[0] == '\n')
            text = (struct str){text.data + 1, text.len - 1};
        end = memmem(text.data, text.len, "\n\n", 2);
        if (end != NULL)
            text.len = (size_t)(end - text.data);
        site_markdown(s, NULL, text, true, out);
        return;
    }
}

int page_docs(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout l = {.title = "Manual", .here = "/docs", .who = q->person};
    struct buf *out = response_html(r, 200);
    uint32_t i;

    (void)q, (void)err;
    layout_begin(s, &l, out);
    buf_add_text(out, "<h1>Manual</h1>\n<ul class=\"listing docs\">\n");
    for (i = 0; i < s->doc_count; i++) {
        html_addf(out, "<li>\n<h2><a href=\"/docs/%s\">%s</a></h2>\n", s->docs[i].name,
                  s->docs[i].title);
        add_beginning(s, &s->docs[i], out);
        buf_add_text(out, "</li>\n");
    }
    buf_add_text(out, "</ul>\n");
    layout_end(out);
    return 0;
}

/* The list of contents stands behind the chapter's title. */
static void add_chapter(const struct site *s, const struct page *p, struct buf *out)
{
    size_t begin = p->parts[0].begin, middle = begin;
    uint32_t i;

    for (i = 0; i < p->part_count && p->parts[i].level < 2; i++)
        middle = p->parts[i].level == 1 ? p->parts[i].body : middle;
    buf_add_text(out, "<div class=\"reading\">\n<article>\n");
    site_markdown(s, NULL, (struct str){p->text.data + begin, middle - begin}, false, out);
    sections_contents(p, NULL, NULL, out);
    site_markdown(s, NULL, (struct str){p->text.data + middle, p->text.len - middle}, false, out);
    buf_add_text(out, "</article>\n</div>\n");
}

int page_doc(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct site_doc *doc = site_doc(s, q->words[0]);
    struct layout l = {.here = "/docs", .who = q->person};
    struct buf *out;

    (void)err;
    if (doc == NULL) {
        page_error(s, 404, "The manual has no chapter of this name.", r);
        return 0;
    }
    l.title = doc->title;
    out = response_html(r, 200);
    layout_begin(s, &l, out);
    buf_add_text(out, "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/docs\">Manual"
                      "</a></nav>\n");
    add_chapter(s, doc->page, out);
    layout_end(out);
    return 0;
}

/* ---- files ---- */

int page_static(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    (void)err;
    if (!statics_answer(s->statics, q->words[0], r))
        page_error(s, 404, "There is no file of this name; a reload of the page names the new one.",
                   r);
    return 0;
}

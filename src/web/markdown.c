/* md4c says what begins and ends, and here it is said in HTML. Only one thing needs memory: a
 * heading's id is made of its words, which come after the tag has to be written; so they are
 * gathered, as HTML and as plain text, until the heading ends. */
#include "markdown.h"

#include "../course/page.h"
#include "../report/xml.h"
#include "html.h"

#include <md4c.h>
#include <string.h>

enum { LINK_DEPTH_MAX = 16 };

struct writing {
    const struct markdown *m;
    struct buf *out;
    struct buf heading, title; /* of the heading at work: its HTML and its words */
    bool in_heading, in_image;
    bool dead_links[LINK_DEPTH_MAX];
    unsigned link_depth;
    unsigned skipping; /* tables left out, one inside of the other */
    bool in_comment;
};

static struct buf *target_of(struct writing *w)
{
    return w->in_heading ? &w->heading : w->out;
}

/* ---- blocks ---- */

static const char *const block_tags[][2] = {
    [MD_BLOCK_DOC] = {"", ""},
    [MD_BLOCK_QUOTE] = {"<blockquote>\n", "</blockquote>\n"},
    [MD_BLOCK_UL] = {"<ul>\n", "</ul>\n"},
    [MD_BLOCK_OL] = {"<ol>\n", "</ol>\n"},
    [MD_BLOCK_LI] = {"<li>", "</li>\n"},
    [MD_BLOCK_HR] = {"<hr>\n", ""},
    [MD_BLOCK_H] = {"", ""},
    [MD_BLOCK_CODE] = {"<pre tabindex=\"0\"><code>", "</code></pre>\n"},
    [MD_BLOCK_HTML] = {"", ""},
    [MD_BLOCK_P] = {"<p>", "</p>\n"},
    [MD_BLOCK_TABLE] = {"<div class=\"table\" tabindex=\"0\"><table>\n", "</table></div>\n"},
    [MD_BLOCK_THEAD] = {"<thead>", "</thead>\n"},
    [MD_BLOCK_TBODY] = {"<tbody>", "</tbody>\n"},
    [MD_BLOCK_TR] = {"<tr>", "</tr>\n"},
    [MD_BLOCK_TH] = {"<th>", "</th>"},
    [MD_BLOCK_TD] = {"<td>", "</td>"},
};

static int enter_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    struct writing *w = owner;

    if (type == MD_BLOCK_TABLE && w->m->without_tables)
        w->skipping++;
    if (w->skipping > 0)
        return 0;
    if (type == MD_BLOCK_H) {
        w->in_heading = true;
        buf_reset(&w->heading);
        buf_reset(&w->title);
    } else if (type == MD_BLOCK_OL && ((MD_BLOCK_OL_DETAIL *)detail)->start != 1) {
        html_addf(w->out, "<ol start=\"%u\">\n", ((MD_BLOCK_OL_DETAIL *)detail)->start);
    } else {
        buf_add_text(w->out, block_tags[type][0]);
    }
    return 0;
}

static void end_heading(struct writing *w, unsigned level)
{
    struct buf anchor = {0};

    w->in_heading = false;
    buf_add_text(&w->title, "");
    buf_add_text(&anchor, "");
    page_anchor(w->title.len > 0 ? w->title.data : "", &anchor);
    html_addf(w->out, "<h%u id=\"%s\">", level, anchor.len > 0 ? anchor.data : "");
    buf_add_str(w->out, buf_str(&w->heading));
    html_addf(w->out, "</h%u>\n", level);
    buf_release(&anchor);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    struct writing *w = owner;

    if (w->skipping > 0) {
        w->skipping -= type == MD_BLOCK_TABLE;
        return 0;
    }
    if (type == MD_BLOCK_H)
        end_heading(w, ((MD_BLOCK_H_DETAIL *)detail)->level);
    else
        buf_add_text(w->out, block_tags[type][1]);
    return 0;
}

/* ---- spans ---- */

static void begin_link(struct writing *w, const MD_ATTRIBUTE *href)
{
    struct buf url = {0};
    bool dead;

    if (w->m->link != NULL)
        w->m->link(w->m->owner, (struct str){href->text, href->size}, &url);
    dead = url.len == 0;
    if (w->link_depth < LINK_DEPTH_MAX)
        w->dead_links[w->link_depth] = dead;
    w->link_depth++;
    if (!dead)
        html_addf(target_of(w), "<a href=\"%s\">", url.data);
    buf_release(&url);
}

static void end_link(struct writing *w)
{
    w->link_depth--;
    if (w->link_depth < LINK_DEPTH_MAX && !w->dead_links[w->link_depth])
        buf_add_text(target_of(w), "</a>");
}

static const char *span_tag(MD_SPANTYPE type, bool end)
{
    switch (type) {
    case MD_SPAN_EM:
        return end ? "</em>" : "<em>";
    case MD_SPAN_STRONG:
        return end ? "</strong>" : "<strong>";
    case MD_SPAN_CODE:
        return end ? "</code>" : "<code>";
    default:
        return "";
    }
}

static int enter_span(MD_SPANTYPE type, void *detail, void *owner)
{
    struct writing *w = owner;

    if (w->skipping > 0)
        return 0;
    if (type == MD_SPAN_A)
        begin_link(w, &((MD_SPAN_A_DETAIL *)detail)->href);
    else
        buf_add_text(target_of(w), span_tag(type, false));
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *owner)
{
    struct writing *w = owner;

    (void)detail;
    if (w->skipping > 0)
        return 0;
    if (type == MD_SPAN_A)
        end_link(w);
    else
        buf_add_text(target_of(w), span_tag(type, true));
    return 0;
}

/* ---- text ---- */

static bool has(struct str text, const char *word)
{
    return memmem(text.data, text.len, word, strlen(word)) != NULL;
}

/* True if the piece belongs to a comment; md4c hands HTML over line by line. */
static bool comment(struct writing *w, struct str text)
{
    bool inside = w->in_comment;

    if (text.len >= 4 && memcmp(text.data, "<!--", 4) == 0)
        inside = w->in_comment = true;
    if (inside && has(text, "-->"))
        w->in_comment = false;
    return inside;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *data, MD_SIZE size, void *owner)
{
    struct writing *w = owner;
    struct str text = {data, size};

    if (w->skipping > 0)
        return 0;
    if (w->in_heading && type != MD_TEXT_HTML)
        buf_add_str(&w->title, text);
    switch (type) {
    case MD_TEXT_BR:
        buf_add_text(target_of(w), "<br>\n");
        break;
    case MD_TEXT_SOFTBR:
        buf_add_char(target_of(w), '\n');
        break;
    case MD_TEXT_ENTITY: /* md4c has seen that it is no more than & letters or digits and ; */
        buf_add_str(target_of(w), text);
        break;
    case MD_TEXT_HTML:
        if (!comment(w, text))
            xml_text(target_of(w), text);
        break;
    default:
        xml_text(target_of(w), text);
    }
    return 0;
}

void markdown_html(const struct markdown *m, struct str text, struct buf *out)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = on_text,
    };
    struct writing w = {.m = m, .out = out};

    if (text.len > 0)
        md_parse(text.data, (MD_SIZE)text.len, &parser, &w);
    buf_release(&w.heading);
    buf_release(&w.title);
}

/* ---- words only ---- */

static void add_blank(struct buf *out)
{
    if (out->len > 0 && out->data[out->len - 1] != ' ')
        buf_add_char(out, ' ');
}

static int words_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    (void)type, (void)detail;
    add_blank(owner);
    return 0;
}

static int words_span(MD_SPANTYPE type, void *detail, void *owner)
{
    (void)type, (void)detail, (void)owner;
    return 0;
}

static int words_text(MD_TEXTTYPE type, const MD_CHAR *data, MD_SIZE size, void *owner)
{
    struct buf *out = owner;
    MD_SIZE i;

    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR)
        add_blank(out);
    else
        for (i = 0; i < size; i++)
            data[i] == ' ' || data[i] == '\n' ? add_blank(out) : buf_add_char(out, data[i]);
    return 0;
}

void markdown_words(struct str text, struct buf *out)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES,
        .enter_block = words_block,
        .leave_block = words_block,
        .enter_span = words_span,
        .leave_span = words_span,
        .text = words_text,
    };

    if (text.len > 0)
        md_parse(text.data, (MD_SIZE)text.len, &parser, out);
}

/* md4c calls us for each block, span and piece of text in the order of the page. It gives no lines,
 * but the texts that it hands over point into the page, so the place of a piece is the place of
 * what it points to. Texts that md4c makes itself (entities, joined lines) point elsewhere; then
 * the place of the piece before is near enough to say a line.
 *
 * What is kept is flat: a list of parts, each a heading with some counts of what stands below it.
 * A section with its subsections is a run of parts. Rules about pages ask for no more than that. */
#include "page.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"

#include <ctype.h>
#include <md4c.h>
#include <string.h>

struct reading {
    struct page *page;
    size_t base; /* where the Markdown begins in the text, behind the head */
    size_t at;   /* of the last text that md4c gave */
    struct buf title;
    bool in_heading, in_code, in_html, in_table_head, first_cell;
    uint32_t nested; /* quotes and lists around; headings there are no parts */
    struct buf table_head;
    bool pending; /* a heading has begun and its place is not known yet */
    int level;
};

static uint32_t line_of(const struct page *p, size_t at)
{
    uint32_t line = 1;
    size_t i;

    for (i = 0; i < at && i < p->text.len; i++)
        line += p->text.data[i] == '\n';
    return line;
}

static struct page_part *last_part(struct page *p)
{
    return &p->parts[p->part_count - 1];
}

static struct page_part *add_part(struct page *p, int level, size_t begin)
{
    struct page_part *part;

    p->parts = mem_grow(p->parts, &p->part_cap, p->part_count + 1, sizeof(*p->parts));
    part = &p->parts[p->part_count++];
    *part = (struct page_part){.level = level, .begin = begin, .line = line_of(p, begin)};
    return part;
}

/* ---- the head ---- */

static void add_field(struct page *p, const char *line, size_t len, uint32_t number)
{
    const char *colon = memchr(line, ':', len);
    size_t name_len = colon != NULL ? (size_t)(colon - line) : len;
    const char *value = colon != NULL ? colon + 1 : line + len;
    const char *end = line + len;

    while (value < end && *value == ' ')
        value++;
    while (end > value && isspace((unsigned char)end[-1]))
        end--;
    if (end - value >= 2 && *value == '"' && end[-1] == '"') { /* as YAML wants it for a colon */
        value++;
        end--;
    }
    p->fields = mem_grow(p->fields, &p->field_cap, p->field_count + 1, sizeof(*p->fields));
    p->fields[p->field_count++] = (struct page_field){
        .name = mem_strndup(line, name_len),
        .value = mem_strndup(value, (size_t)(end - value)),
        .line = number,
    };
}

/* Where the Markdown begins. */
static size_t read_head(struct page *p)
{
    const char *text = p->text.data;
    uint32_t number = 1;
    size_t at = 4;

    if (p->text.len < 4 || memcmp(text, "---\n", 4) != 0)
        return 0;
    for (;;) {
        const char *end = memchr(text + at, '\n', p->text.len - at);
        size_t len = end != NULL ? (size_t)(end - text) - at : p->text.len - at;

        number++;
        if (end == NULL && len == 0)
            return 0; /* never closed: no head, and p->has_head stays false */
        if (len == 3 && memcmp(text + at, "---", 3) == 0) {
            p->has_head = true;
            p->head_end = number;
            return end != NULL ? at + len + 1 : p->text.len;
        }
        if (len > 0)
            add_field(p, text + at, len, number);
        if (end == NULL)
            return 0;
        at += len + 1;
    }
}

/* ---- what md4c calls ---- */

static size_t line_begin(const struct page *p, size_t at)
{
    while (at > 0 && p->text.data[at - 1] != '\n')
        at--;
    return at;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    struct reading *r = owner;
    struct page_part *part = last_part(r->page);

    if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        r->nested++;
    part->items += type == MD_BLOCK_LI;
    part->tables += type == MD_BLOCK_TABLE;
    part->code_blocks += type == MD_BLOCK_CODE;
    r->in_code |= type == MD_BLOCK_CODE;
    r->in_html |= type == MD_BLOCK_HTML;
    if (type == MD_BLOCK_H && r->nested == 0) {
        r->in_heading = r->pending = true;
        r->level = (int)((MD_BLOCK_H_DETAIL *)detail)->level;
        buf_reset(&r->title);
    }
    if (type == MD_BLOCK_THEAD) {
        r->in_table_head = r->first_cell = true;
        buf_reset(&r->table_head);
    }
    if (type == MD_BLOCK_TH && !r->first_cell)
        buf_add_text(&r->table_head, " | ");
    if (type == MD_BLOCK_TH)
        r->first_cell = false;
    return 0;
}

static void end_heading(struct reading *r)
{
    struct page *p = r->page;
    struct page_part *part;

    if (r->pending) /* a heading without text; it stands behind the last text */
        add_part(p, r->level, r->at);
    part = last_part(p);
    part->title = mem_strndup(r->title.len > 0 ? r->title.data : "", r->title.len);
    r->in_heading = r->pending = false;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    struct reading *r = owner;

    (void)detail;
    if (type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        r->nested--;
    if (type == MD_BLOCK_CODE)
        r->in_code = false;
    if (type == MD_BLOCK_HTML)
        r->in_html = false;
    if (type == MD_BLOCK_H && r->in_heading)
        end_heading(r);
    if (type == MD_BLOCK_THEAD) {
        struct page_part *part = last_part(r->page);
        r->in_table_head = false;
        mem_free(part->table_head);
        part->table_head = mem_strndup(r->table_head.data, r->table_head.len);
    }
    return 0;
}

/* Moves on if the bytes lie in the page. */
static void see(struct reading *r, const char *bytes)
{
    const struct page *p = r->page;

    if (bytes >= p->text.data && bytes < p->text.data + p->text.len)
        r->at = (size_t)(bytes - p->text.data);
}

static void add_link(struct reading *r, const MD_ATTRIBUTE *target, bool image)
{
    struct page *p = r->page;

    see(r, target->text);
    p->links = mem_grow(p->links, &p->link_cap, p->link_count + 1, sizeof(*p->links));
    p->links[p->link_count++] = (struct page_link){
        .target = mem_strndup(target->text, target->size),
        .line = line_of(p, r->at),
        .part = p->part_count - 1,
        .image = image,
    };
}

static int enter_span(MD_SPANTYPE type, void *detail, void *owner)
{
    if (type == MD_SPAN_A)
        add_link(owner, &((MD_SPAN_A_DETAIL *)detail)->href, false);
    if (type == MD_SPAN_IMG)
        add_link(owner, &((MD_SPAN_IMG_DETAIL *)detail)->src, true);
    return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *owner)
{
    (void)type, (void)detail, (void)owner;
    return 0;
}

static uint32_t count_words(const char *text, size_t len)
{
    bool inside = false;
    uint32_t count = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        bool letter = isalnum((unsigned char)text[i]) || (unsigned char)text[i] >= 0x80;
        bool blank = isspace((unsigned char)text[i]);
        count += letter && !inside;
        inside = letter || (inside && !blank);
    }
    return count;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *owner)
{
    struct reading *r = owner;
    bool is_break = type == MD_TEXT_BR || type == MD_TEXT_SOFTBR;

    see(r, text);
    if (r->pending) {
        add_part(r->page, r->level, line_begin(r->page, r->at));
        r->pending = false;
    }
    if (r->in_heading)
        is_break ? buf_add_char(&r->title, ' ') : buf_add(&r->title, text, size);
    else if (r->in_table_head)
        buf_add(&r->table_head, text, size);
    if (!r->in_heading && !r->in_code && !r->in_html && type != MD_TEXT_HTML && !is_break)
        last_part(r->page)->words += count_words(text, size);
    return 0;
}

/* ---- the whole ---- */

/* Where a part ends and its body begins is known when the next one's place is. */
static void set_ends(struct page *p)
{
    uint32_t i;

    for (i = 0; i < p->part_count; i++) {
        struct page_part *part = &p->parts[i];
        const char *eol;

        part->end = i + 1 < p->part_count ? p->parts[i + 1].begin : p->text.len;
        part->body = part->begin;
        eol = memchr(p->text.data + part->begin, '\n', part->end - part->begin);
        if (part->level > 0)
            part->body = eol != NULL ? (size_t)(eol - p->text.data) + 1 : part->end;
    }
}

static void parse(struct page *p)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = on_text,
    };
    struct reading r = {.page = p, .base = read_head(p)};

    r.at = r.base;
    add_part(p, 0, r.base)->title = mem_strdup("");
    md_parse(p->text.data + r.base, (MD_SIZE)(p->text.len - r.base), &parser, &r);
    set_ends(p);
    buf_release(&r.title);
    buf_release(&r.table_head);
}

int page_read(const char *path, struct page **ret_page, struct err *err)
{
    struct page *p = mem_zalloc(sizeof(*p));
    int status = file_read(path, PAGE_MAX, &p->text, err);

    p->path = mem_strdup(path);
    if (status < 0) {
        page_free(p);
        return status;
    }
    parse(p);
    *ret_page = p;
    return 0;
}

void page_free(struct page *p)
{
    uint32_t i;

    if (p == NULL)
        return;
    for (i = 0; i < p->field_count; i++) {
        mem_free(p->fields[i].name);
        mem_free(p->fields[i].value);
    }
    mem_free(p->fields);
    for (i = 0; i < p->part_count; i++) {
        mem_free(p->parts[i].title);
        mem_free(p->parts[i].table_head);
    }
    for (i = 0; i < p->link_count; i++)
        mem_free(p->links[i].target);
    mem_free(p->parts);
    mem_free(p->links);
    buf_release(&p->text);
    mem_free(p->path);
    mem_free(p);
}

const struct page_field *page_field(const struct page *p, const char *name)
{
    uint32_t i;

    for (i = 0; i < p->field_count; i++)
        if (strcmp(p->fields[i].name, name) == 0)
            return &p->fields[i];
    return NULL;
}

const struct page_part *page_part(const struct page *p, int level, const char *title)
{
    uint32_t i;

    for (i = 0; i < p->part_count; i++)
        if (p->parts[i].level == level && strcmp(p->parts[i].title, title) == 0)
            return &p->parts[i];
    return NULL;
}

uint32_t page_part_after(const struct page *p, uint32_t part)
{
    uint32_t i = part + 1;

    while (i < p->part_count && p->parts[i].level > p->parts[part].level)
        i++;
    return i;
}

struct str page_body(const struct page *p, const struct page_part *part)
{
    uint32_t after = page_part_after(p, (uint32_t)(part - p->parts));
    const char *begin = p->text.data + part->body;
    const char *end = p->text.data + p->parts[after - 1].end;

    while (begin < end && isspace((unsigned char)*begin))
        begin++;
    while (end > begin && isspace((unsigned char)end[-1]))
        end--;
    return (struct str){begin, (size_t)(end - begin)};
}

struct str page_hint(const struct page *p, uint32_t n)
{
    const struct page_part *hints = page_part(p, 2, "Hints");
    uint32_t i, end;

    if (hints == NULL)
        return (struct str){NULL, 0};
    i = (uint32_t)(hints - p->parts) + 1;
    end = page_part_after(p, i - 1);
    for (; i < end; i++)
        if (p->parts[i].level == 3 && --n == 0)
            return page_body(p, &p->parts[i]);
    return (struct str){NULL, 0};
}

void page_anchor(const char *title, struct buf *out)
{
    for (; *title != '\0'; title++) {
        unsigned char c = (unsigned char)*title;
        if (c >= 0x80 || isalnum(c) || c == '-' || c == '_')
            buf_add_char(out, (char)tolower(c));
        else if (c == ' ')
            buf_add_char(out, '-');
    }
}

/* md4c says what begins and ends; here the text of one block (a paragraph, a heading, a table's
 * cell) is gathered and laid out when it ends. Lists and quotes only add to the indent.
 *
 * Widths count characters, not bytes; escape sequences count nothing. */
#include "page_terminal.h"

#include "../base/mem.h"

#include <md4c.h>
#include <string.h>

enum { DEPTH_MAX = 8, COLUMNS_MAX = 8, COLUMN_MIN = 8, GAP = 2 };

static const char bold[] = "\033[1m", faint[] = "\033[2m", plain[] = "\033[0m";

struct cell {
    char *text;
    bool head;
};

struct list {
    bool ordered;
    unsigned next;
};

struct layout {
    const struct page_terminal *t;
    struct buf *out;
    struct buf text; /* of the block at work */
    struct list lists[DEPTH_MAX];
    int list_depth, quote_depth;
    char marker[16]; /* of the item whose first line comes next; "" if it is out */
    bool in_code, in_html, tight;
    struct cell *cells;
    size_t cell_count, cell_cap;
    uint32_t columns;
};

/* ---- widths ---- */

static size_t escape_len(const char *at)
{
    const char *end = at;

    if (*at != '\033')
        return 0;
    while (*end != '\0' && *end != 'm')
        end++;
    return (size_t)(end - at) + (*end == 'm');
}

static int width_of(const char *text, size_t len)
{
    int width = 0;
    size_t i = 0;

    while (i < len) {
        size_t escape = escape_len(text + i);
        if (escape > 0) {
            i += escape;
            continue;
        }
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
        i++;
    }
    return width;
}

/* The end of the first line of text that fits into width: *ret_next is where the next one begins.
 */
static size_t line_end(const char *text, int width, size_t *ret_next)
{
    size_t end = 0, at = 0;

    for (;;) {
        size_t word = at + strcspn(text + at, " \n");
        if (at > 0 && width_of(text, word) > width)
            break;
        end = word;
        if (text[word] == '\0' || text[word] == '\n') {
            *ret_next = word + (text[word] == '\n');
            return end;
        }
        at = word + 1;
    }
    *ret_next = at;
    return end;
}

/* ---- blocks ---- */

static int indent(const struct layout *l)
{
    return 2 * l->quote_depth + 3 * l->list_depth;
}

/* The indent of a line; the first line of an item has its marker there. */
static void add_indent(struct layout *l)
{
    int columns = indent(l), marker = (int)strlen(l->marker);

    for (columns -= marker; columns > 0; columns--)
        buf_add_char(l->out, ' ');
    buf_add_text(l->out, l->marker);
    l->marker[0] = '\0';
}

static void add_wrapped(struct layout *l, const char *text, const char *style)
{
    int width = l->t->width - indent(l);
    size_t next;

    while (*text != '\0') {
        size_t end = line_end(text, width > COLUMN_MIN ? width : COLUMN_MIN, &next);
        add_indent(l);
        if (l->t->colour)
            buf_add_text(l->out, style);
        buf_add(l->out, text, end);
        if (l->t->colour && style[0] != '\0')
            buf_add_text(l->out, plain);
        buf_add_char(l->out, '\n');
        text += next;
    }
}

static void end_block(struct layout *l, const char *style)
{
    if (l->text.len > 0)
        add_wrapped(l, l->text.data, style);
    if (l->text.len > 0 && (l->list_depth == 0 || !l->tight))
        buf_add_char(l->out, '\n');
    buf_reset(&l->text);
}

static void end_code(struct layout *l)
{
    const char *at = l->text.len > 0 ? l->text.data : "";

    while (*at != '\0') {
        size_t len = strcspn(at, "\n");
        add_indent(l);
        buf_addf(l->out, "    %.*s\n", (int)len, at);
        at += len + (at[len] == '\n');
    }
    buf_add_char(l->out, '\n');
    buf_reset(&l->text);
}

/* ---- tables ---- */

/* The natural widths, the widest made narrower until all fit. */
static void set_widths(const struct layout *l, int widths[COLUMNS_MAX])
{
    int room = l->t->width - indent(l) - GAP * ((int)l->columns - 1);
    int sum = 0;
    size_t i;
    uint32_t c;

    for (c = 0; c < l->columns; c++)
        widths[c] = 1;
    for (i = 0; i < l->cell_count; i++) {
        int width = width_of(l->cells[i].text, strlen(l->cells[i].text));
        if (width > widths[i % l->columns])
            widths[i % l->columns] = width;
    }
    for (c = 0; c < l->columns; c++)
        sum += widths[c];
    while (sum > room) {
        uint32_t widest = 0;
        for (c = 1; c < l->columns; c++)
            if (widths[c] > widths[widest])
                widest = c;
        if (widths[widest] <= COLUMN_MIN)
            break;
        widths[widest]--;
        sum--;
    }
}

/* One row, over as many lines as its longest cell needs. */
static void add_row(struct layout *l, const struct cell *row, const int *widths)
{
    const char *rest[COLUMNS_MAX];
    bool more = true;
    uint32_t c;

    for (c = 0; c < l->columns; c++)
        rest[c] = row[c].text;
    while (more) {
        more = false;
        add_indent(l);
        for (c = 0; c < l->columns; c++) {
            size_t next, end = line_end(rest[c], widths[c], &next);
            int pad = widths[c] - width_of(rest[c], end) + GAP;
            bool strong = row[c].head && l->t->colour;
            buf_addf(l->out, "%s%.*s%s", strong ? bold : "", (int)end, rest[c],
                     strong ? plain : "");
            for (; c + 1 < l->columns && pad > 0; pad--)
                buf_add_char(l->out, ' ');
            rest[c] += next;
            more |= *rest[c] != '\0';
        }
        buf_add_char(l->out, '\n');
    }
}

static void end_table(struct layout *l)
{
    int widths[COLUMNS_MAX];
    size_t i;

    if (l->columns > 0) {
        set_widths(l, widths);
        for (i = 0; i + l->columns <= l->cell_count; i += l->columns)
            add_row(l, &l->cells[i], widths);
        buf_add_char(l->out, '\n');
    }
    for (i = 0; i < l->cell_count; i++)
        mem_free(l->cells[i].text);
    l->cell_count = 0;
}

static void end_cell(struct layout *l, bool head)
{
    l->cells = mem_grow(l->cells, &l->cell_cap, l->cell_count + 1, sizeof(*l->cells));
    l->cells[l->cell_count++] =
        (struct cell){mem_strndup(l->text.len > 0 ? l->text.data : "", l->text.len), head};
    buf_reset(&l->text);
}

/* ---- what md4c calls ---- */

static void begin_list(struct layout *l, bool ordered, unsigned start, bool tight)
{
    if (l->text.len > 0) /* the text of the item that this list stands in */
        end_block(l, "");
    if (l->list_depth < DEPTH_MAX)
        l->lists[l->list_depth] = (struct list){ordered, start};
    l->list_depth++;
    l->tight = tight;
}

static void begin_item(struct layout *l)
{
    struct list *list = &l->lists[(l->list_depth <= DEPTH_MAX ? l->list_depth : DEPTH_MAX) - 1];
    struct buf marker = {0};

    if (list->ordered)
        buf_addf(&marker, "%u. ", list->next++ % 100);
    else
        buf_add_text(&marker, "- ");
    memcpy(l->marker, marker.data, marker.len + 1);
    buf_release(&marker);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    struct layout *l = owner;

    if (type == MD_BLOCK_UL)
        begin_list(l, false, 0, ((MD_BLOCK_UL_DETAIL *)detail)->is_tight);
    else if (type == MD_BLOCK_OL)
        begin_list(l, true, ((MD_BLOCK_OL_DETAIL *)detail)->start,
                   ((MD_BLOCK_OL_DETAIL *)detail)->is_tight);
    else if (type == MD_BLOCK_LI)
        begin_item(l);
    else if (type == MD_BLOCK_QUOTE)
        l->quote_depth++;
    else if (type == MD_BLOCK_CODE)
        l->in_code = true;
    else if (type == MD_BLOCK_HTML)
        l->in_html = true;
    else if (type == MD_BLOCK_TABLE)
        l->columns = ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count <= COLUMNS_MAX
                         ? ((MD_BLOCK_TABLE_DETAIL *)detail)->col_count
                         : 0;
    return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *owner)
{
    struct layout *l = owner;

    (void)detail;
    if (type == MD_BLOCK_P || type == MD_BLOCK_LI)
        end_block(l, "");
    else if (type == MD_BLOCK_H)
        end_block(l, bold);
    else if (type == MD_BLOCK_CODE)
        end_code(l);
    else if (type == MD_BLOCK_TH || type == MD_BLOCK_TD)
        end_cell(l, type == MD_BLOCK_TH);
    else if (type == MD_BLOCK_TABLE)
        end_table(l);
    else if (type == MD_BLOCK_QUOTE)
        l->quote_depth--;
    else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL) {
        if (--l->list_depth == 0 && l->tight)
            buf_add_char(l->out, '\n');
    } else if (type == MD_BLOCK_HTML) {
        buf_reset(&l->text);
        buf_add_text(&l->text, "(a picture, which a terminal cannot show)");
        end_block(l, faint);
    }
    l->in_code &= type != MD_BLOCK_CODE;
    l->in_html &= type != MD_BLOCK_HTML;
    return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *owner)
{
    struct layout *l = owner;

    (void)detail;
    if (type == MD_SPAN_CODE)
        buf_add_char(&l->text, '`');
    if (type == MD_SPAN_STRONG && l->t->colour)
        buf_add_text(&l->text, bold);
    return 0;
}

/* Where a link leads is worth showing if it leads out of the course. */
static int leave_span(MD_SPANTYPE type, void *detail, void *owner)
{
    struct layout *l = owner;

    if (type == MD_SPAN_CODE)
        buf_add_char(&l->text, '`');
    if (type == MD_SPAN_STRONG && l->t->colour)
        buf_add_text(&l->text, plain);
    if (type == MD_SPAN_A) {
        const MD_ATTRIBUTE *target = &((MD_SPAN_A_DETAIL *)detail)->href;
        if (target->size > 4 && memcmp(target->text, "http", 4) == 0)
            buf_addf(&l->text, " <%.*s>", (int)target->size, target->text);
    }
    return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *owner)
{
    struct layout *l = owner;
    MD_SIZE i;

    if (l->in_html || type == MD_TEXT_HTML)
        return 0;
    if (type == MD_TEXT_SOFTBR || type == MD_TEXT_BR) {
        buf_add_char(&l->text, type == MD_TEXT_BR ? '\n' : ' ');
        return 0;
    }
    for (i = 0; i < size;
         i++) /* pages are ours, but bytes that command a terminal have no business */
        if ((unsigned char)text[i] >= 0x20 || (l->in_code && (text[i] == '\n' || text[i] == '\t')))
            buf_add_char(&l->text, text[i]);
    return 0;
}

void page_terminal(const struct page_terminal *t, struct str markdown, struct buf *out)
{
    static const MD_PARSER parser = {
        .flags = MD_FLAG_TABLES,
        .enter_block = enter_block,
        .leave_block = leave_block,
        .enter_span = enter_span,
        .leave_span = leave_span,
        .text = on_text,
    };
    struct layout l = {.t = t, .out = out};

    md_parse(markdown.data, (MD_SIZE)markdown.len, &parser, &l);
    buf_release(&l.text);
    mem_free(l.cells);
}

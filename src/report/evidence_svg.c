/* Both pictures are laid out from top to bottom into a body, whose size the frame then takes.
 *
 * Bars: the moments of all operations, sorted, are the columns. A column stands to the right of the
 * one before, and further if a label in its lane would run into its bar.
 *
 *     process 3  |-- write 5 --|
 *     process 4                    |== read 3 ==|  <- marked
 *                1 ms        2 ms  3 ms       4 ms
 *
 * Boxes: one below the other, the arrow from each to the next between them, and the arrow that
 * closes the cycle up along the left. */
#include "evidence_svg.h"

#include "../base/mem.h"
#include "svg.h"
#include "xml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifndef PLANT_REPORT
#define PLANT_REPORT 0 /* tests/planted/report.sh */
#endif

enum {
    MARGIN = 24,
    WIDTH_MIN = 720,
    LANE_HEIGHT = 52,
    BAR_HEIGHT = 14,
    COLUMN_MIN = 46,
    LABEL_BYTES = 34,
    LINE_HEIGHT = 17,
    LINE_BYTES = 104,
    LINES_MAX = 8, /* of one text */
    BOX_WIDTH = 560,
    MOPS_MAX = 6,
    OPERATIONS_MAX = EVIDENCE_SVG_OPERATIONS_MAX,
};

static const char style[] =
    ".bar{fill:#cfd9e6;stroke:#5a6b80}.open{stroke-dasharray:4 3;fill-opacity:.35}"
    ".bad{fill:#f6c9c2;stroke:#b3261e;stroke-width:2}.badtext{fill:#b3261e;font-weight:600}"
    ".box{fill:#eef2f7;stroke:#8492a3}.edge{stroke:#44546a;stroke-width:1.6;fill:none}"
    ".rw{stroke-dasharray:7 4}.order{stroke-dasharray:2 4}.head{fill:#44546a}"
    ".kind{font-weight:600}"
    "@media (prefers-color-scheme:dark){.bar{fill:#33415a;stroke:#8fa3bf}"
    ".bad{fill:#5c2320;stroke:#ff8a7a}.badtext{fill:#ff9d8f}.box{fill:#1d2530;stroke:#5f6e80}"
    ".edge{stroke:#a9b8ca}.head{fill:#a9b8ca}}";

struct canvas {
    struct buf body;
    double y, width;
};

/* ---- texts ---- */

static void add_text(struct canvas *c, const char *class, double x, struct str text)
{
    double right = x + svg_text_width(text, 12) + MARGIN;

    svg_text(&c->body, class, x, c->y, text);
    c->width = fmax(c->width, fmin(right, 1100));
}

/* In lines of LINE_BYTES at most, broken at blanks where there are any. */
static void add_lines(struct canvas *c, const char *class, double x, const char *text)
{
    size_t len = strlen(text);

    for (int line = 0; len > 0 && line < LINES_MAX; line++) {
        size_t take = len < LINE_BYTES ? len : LINE_BYTES;
        while (take < len && take > LINE_BYTES / 2 && text[take] != ' ')
            take--;
        if (take < len && text[take] != ' ')
            take = LINE_BYTES;
        while (take > 0 && take < len && ((unsigned char)text[take] & 0xc0) == 0x80)
            take--;
        c->y += LINE_HEIGHT;
        add_text(c, class, x, (struct str){text, take});
        text += take;
        len -= take;
        while (len > 0 && *text == ' ')
            text++, len--;
    }
    if (len > 0) {
        c->y += LINE_HEIGHT;
        add_text(c, class, x, STR_LIT("…"));
    }
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static void add_json(struct buf *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    buf_add_text(out, text != NULL ? text : "?");
    free(text);
}

static bool has_null(const json_t *value)
{
    bool has = value == NULL || json_is_null(value);

    for (size_t i = 0; i < json_array_size(value); i++)
        has |= has_null(json_array_get(value, i));
    return has;
}

/* "read 3", "cas [1,2]", "echo 1 → 2": an answer that fills in a null stands for both. */
static void operation_text(const json_t *op, struct buf *out)
{
    const json_t *value = json_object_get(op, "value"), *answer = json_object_get(op, "answer");
    bool fills = answer != NULL && has_null(value);

    buf_add_text(out, text_of(op, "f"));
    if (!fills && value != NULL && !json_is_null(value)) {
        buf_add_char(out, ' ');
        add_json(out, value);
    }
    if (answer == NULL || json_equal(value, answer))
        return;
    buf_add_text(out, fills ? " " : " → ");
    add_json(out, answer);
}

/* ---- bars ---- */

struct bar {
    const json_t *op;
    int64_t from_ns, to_ns; /* INT64_MAX: open */
    uint32_t lane;
    struct buf label;
    bool is_bad;
};

struct chart {
    struct bar bars[OPERATIONS_MAX];
    uint32_t bar_count;
    json_int_t lanes[OPERATIONS_MAX]; /* processes */
    uint32_t lane_count;
    int64_t moments[2 * OPERATIONS_MAX];
    double x[2 * OPERATIONS_MAX];
    uint32_t moment_count;
    double left, right;
};

static uint32_t lane_of(struct chart *c, json_int_t process)
{
    for (uint32_t i = 0; i < c->lane_count; i++)
        if (c->lanes[i] == process)
            return i;
    c->lanes[c->lane_count] = process;
    return c->lane_count++;
}

static int64_t time_in(const json_t *op, const char *key, const char *other, int64_t absent)
{
    const json_t *t = json_object_get(op, key);

    if (!json_is_integer(t))
        t = json_object_get(op, other);
    return json_is_integer(t) ? json_integer_value(t) : absent;
}

static void add_bar(struct chart *c, const json_t *op, json_int_t bad_index)
{
    struct bar *b;
    bool ended = json_object_get(op, "completed") != NULL || strcmp(text_of(op, "type"), "ok") == 0;

    if (c->bar_count == OPERATIONS_MAX || json_object_get(op, "process") == NULL)
        return;
    b = &c->bars[c->bar_count++];
    *b = (struct bar){.op = op, .to_ns = INT64_MAX};
    b->from_ns = time_in(op, "invoked", "invoke-time", 0);
    if (ended)
        b->to_ns = time_in(op, "completed", "time", INT64_MAX);
    b->lane = lane_of(c, json_integer_value(json_object_get(op, "process")));
    b->is_bad = PLANT_REPORT != 7 && json_integer_value(json_object_get(op, "index")) == bad_index;
    operation_text(op, &b->label);
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void find_moments(struct chart *c)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < c->bar_count; i++) {
        c->moments[count++] = c->bars[i].from_ns;
        if (c->bars[i].to_ns != INT64_MAX)
            c->moments[count++] = c->bars[i].to_ns;
    }
    qsort(c->moments, count, sizeof(c->moments[0]), by_value);
    for (uint32_t i = 0; i < count; i++)
        if (c->moment_count == 0 || c->moments[c->moment_count - 1] != c->moments[i])
            c->moments[c->moment_count++] = c->moments[i];
}

static double label_width(const struct bar *b)
{
    size_t len = b->label.len < LABEL_BYTES ? b->label.len : LABEL_BYTES;

    return (double)len * 12 * 0.6 + 14;
}

static void place_columns(struct chart *c)
{
    double ends[OPERATIONS_MAX] = {0}, x = c->left;

    for (uint32_t m = 0; m < c->moment_count; m++) {
        if (m > 0)
            x += COLUMN_MIN;
        for (uint32_t i = 0; i < c->bar_count; i++)
            if (c->bars[i].from_ns == c->moments[m])
                x = fmax(x, ends[c->bars[i].lane]);
        c->x[m] = x;
        for (uint32_t i = 0; i < c->bar_count; i++)
            if (c->bars[i].from_ns == c->moments[m])
                ends[c->bars[i].lane] = x + label_width(&c->bars[i]);
    }
    c->right = x + COLUMN_MIN;
    for (uint32_t i = 0; i < c->lane_count; i++)
        c->right = fmax(c->right, ends[i]);
}

static double column_of(const struct chart *c, int64_t t_ns)
{
    for (uint32_t m = 0; m < c->moment_count; m++)
        if (c->moments[m] == t_ns)
            return c->x[m];
    return c->right;
}

static void draw_bar(struct canvas *v, const struct chart *c, const struct bar *b, double top)
{
    double x = column_of(c, b->from_ns), y = top + b->lane * LANE_HEIGHT + 22;
    double width = fmax(column_of(c, b->to_ns) - x, 6);
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];

    buf_addf(&v->body,
             "<g><rect class=\"bar%s%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" "
             "rx=\"3\"/>",
             b->is_bad ? " bad" : "", b->to_ns == INT64_MAX ? " open" : "", x, y, width,
             BAR_HEIGHT);
    buf_addf(&v->body, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">",
             b->is_bad ? "badtext" : "oplabel", x, y - 5);
    if (b->is_bad)
        buf_add_text(&v->body, "✗ ");
    xml_label(&v->body, buf_str(&b->label), LABEL_BYTES);
    buf_add_text(&v->body, "</text><title>");
    xml_cut(&v->body, buf_str(&b->label), 400);
    buf_addf(&v->body, "\nfrom %s ", time_text(b->from_ns, from));
    buf_addf(&v->body, b->to_ns == INT64_MAX ? "on, never completed" : "to %s",
             time_text(b->to_ns, to));
    buf_add_text(&v->body, "</title></g>\n");
}

static void draw_axis(struct canvas *v, const struct chart *c, double top, double bottom)
{
    double last = -1e9;

    for (uint32_t m = 0; m < c->moment_count; m++) {
        char text[TIME_TEXT_MAX];
        svg_line(&v->body, "grid", c->x[m], top, c->x[m], bottom);
        if (c->x[m] < last + 64)
            continue;
        last = c->x[m];
        svg_text(&v->body, "dim small num mid", c->x[m], bottom + 15,
                 str_of(time_text(c->moments[m], text)));
    }
}

static void draw_lanes(struct canvas *v, struct chart *c, double top)
{
    for (uint32_t i = 0; i < c->lane_count; i++) {
        struct buf name = {0};
        double y = top + i * LANE_HEIGHT + 22 + BAR_HEIGHT / 2.0;
        const char *node = "";
        for (uint32_t k = 0; k < c->bar_count; k++)
            if (c->bars[k].lane == i && node[0] == '\0')
                node = text_of(c->bars[k].op, "node");
        svg_line(&v->body, "axis", c->left - 12, y, c->right, y);
        buf_addf(&name, "process %lld", (long long)c->lanes[i]);
        if (node[0] != '\0' && strcmp(node, "no node") != 0)
            buf_addf(&name, " → %.16s", node);
        svg_text(&v->body, "end", c->left - 20, y + 4, buf_str(&name));
        buf_release(&name);
    }
}

static void draw_chart(struct canvas *v, struct chart *c)
{
    double top = v->y + 12, bottom;

    c->left = MARGIN + 160;
    find_moments(c);
    place_columns(c);
    bottom = top + c->lane_count * LANE_HEIGHT;
    draw_axis(v, c, top, bottom);
    draw_lanes(v, c, top);
    for (uint32_t i = 0; i < c->bar_count; i++) {
        draw_bar(v, c, &c->bars[i], top);
        buf_release(&c->bars[i].label);
    }
    v->y = bottom + 22;
    v->width = fmax(v->width, c->right + MARGIN);
}

/* Texts, one a line, with a heading. */
static void add_list(struct canvas *v, const char *heading, const json_t *list)
{
    size_t i;
    const json_t *item;

    if (json_array_size(list) == 0)
        return;
    v->y += 8;
    add_lines(v, "dim", MARGIN, heading);
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        if (text == NULL)
            text = text_of(item, "sentence");
        if (i < 5)
            add_lines(v, "reason", MARGIN + 16, text);
    }
}

static bool draw_operations(struct canvas *v, const json_t *evidence, const json_t *details)
{
    struct chart *c = mem_zalloc(sizeof(*c));
    const json_t *list = json_object_get(evidence, "operations"), *op;
    const json_t *last = json_array_get(list, json_array_size(list) - 1);
    const json_t *bad = json_object_get(evidence, "impossible-index");
    size_t i;
    bool drawn;

    if (!json_is_integer(bad))
        bad = json_object_get(last, "index");
    json_array_foreach(list, i, op)
        add_bar(c, op, json_is_integer(bad) ? json_integer_value(bad) : -1);
    drawn = c->bar_count > 0;
    if (drawn)
        draw_chart(v, c);
    mem_free(c);
    add_list(v, "just before the one marked, the object could only be:",
             json_object_get(evidence, "possible-before"));
    add_list(v, "why nothing fits:", json_object_get(evidence, "why-not"));
    add_list(v, "faults meanwhile:", json_object_get(json_object_get(details, "window"), "faults"));
    return drawn;
}

/* ---- boxes ---- */

static void draw_head(struct canvas *v, double x, double y, bool points_right)
{
    if (points_right)
        buf_addf(&v->body, "<path class=\"head\" d=\"M%.1f %.1fl-9 -5v10z\"/>\n", x, y);
    else
        buf_addf(&v->body, "<path class=\"head\" d=\"M%.1f %.1fl-5 -9h10z\"/>\n", x, y);
}

static const char *edge_class(const char *kind)
{
    return strcmp(kind, "rw") == 0                              ? "edge rw"
           : strcmp(kind, "ww") == 0 || strcmp(kind, "wr") == 0 ? "edge"
                                                                : "edge order";
}

/* Returns the height of the middle of the box. */
static double draw_box(struct canvas *v, const json_t *op, size_t number)
{
    const json_t *mops = json_object_get(op, "value"), *mop;
    size_t count = json_array_size(mops), i;
    size_t shown = count < MOPS_MAX ? count : MOPS_MAX;
    double left = MARGIN + 60, top = v->y, height = 30 + 16 * (double)(shown + (count > shown));
    struct buf text = {0};
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];

    buf_addf(&v->body,
             "<rect class=\"box\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" rx=\"5\"/>\n",
             left, top, BOX_WIDTH, height);
    buf_addf(&text, "T%zu  process %lld", number,
             (long long)json_integer_value(json_object_get(op, "process")));
    if (text_of(op, "node")[0] != '\0' && strcmp(text_of(op, "node"), "no node") != 0)
        buf_addf(&text, " at %.24s", text_of(op, "node"));
    buf_addf(&text, ", %s to %s", time_text(time_in(op, "invoke-time", "invoked", 0), from),
             strcmp(text_of(op, "type"), "ok") == 0
                 ? time_text(time_in(op, "time", "completed", 0), to)
                 : "an unknown end");
    svg_text(&v->body, "kind", left + 12, top + 19, buf_str(&text));
    json_array_foreach(mops, i, mop)
    {
        if (i >= shown)
            break;
        buf_reset(&text);
        add_json(&text, mop);
        buf_addf(&v->body, "<text class=\"dim\" x=\"%.1f\" y=\"%.1f\">", left + 24,
                 top + 36 + 16 * (double)i);
        xml_label(&v->body, buf_str(&text), 76);
        buf_add_text(&v->body, "</text>\n");
    }
    if (count > shown) {
        buf_reset(&text);
        buf_addf(&text, "and %zu more", count - shown);
        svg_text(&v->body, "dim", left + 24, top + 36 + 16 * (double)shown, buf_str(&text));
    }
    buf_release(&text);
    v->y = top + height;
    v->width = fmax(v->width, left + BOX_WIDTH + MARGIN);
    return top + height / 2;
}

static void add_reason(struct canvas *v, const json_t *step)
{
    struct buf text = {0};

    buf_addf(&text, "%s: %s", text_of(step, "type"), text_of(step, "sentence"));
    add_lines(v, "reason", MARGIN + 108, text.data);
    buf_release(&text);
}

static void draw_down(struct canvas *v, const json_t *step)
{
    double x = MARGIN + 90, top = v->y;

    v->y += 4;
    add_reason(v, step);
    v->y += 16;
    svg_line(&v->body, edge_class(text_of(step, "type")), x, top, x, v->y - 4);
    draw_head(v, x, v->y, false);
}

static bool draw_cycle(struct canvas *v, const json_t *found)
{
    const json_t *ops = json_object_get(found, "cycle"), *steps = json_object_get(found, "steps");
    size_t count = json_array_size(ops), i;
    double first = 0, last = 0, x = MARGIN + 24, box = MARGIN + 60;
    const json_t *closing = json_array_get(steps, count - 1);

    if (count == 0 || count != json_array_size(steps))
        return false;
    v->y += 14;
    for (i = 0; i < count; i++) {
        last = draw_box(v, json_array_get(ops, i), i + 1);
        first = i == 0 ? last : first;
        if (i + 1 < count)
            draw_down(v, json_array_get(steps, i));
    }
    buf_addf(&v->body, "<path class=\"%s\" d=\"M%.1f %.1fH%.1fV%.1fH%.1f\"/>\n",
             edge_class(text_of(closing, "type")), box, last, x, first, box - 6);
    draw_head(v, box, first, true);
    v->y += 4;
    svg_line(&v->body, edge_class(text_of(closing, "type")), x, last, x, v->y + 14);
    v->y += 2;
    {
        struct buf text = {0};
        buf_addf(&text, "%s: %s", text_of(closing, "type"), text_of(closing, "sentence"));
        add_lines(v, "reason", x + 14, text.data);
        buf_release(&text);
    }
    return true;
}

/* ---- the whole ---- */

/* The first evidence of the gravest anomaly. */
static const json_t *gravest(const json_t *details, const char **ret_name)
{
    const char *name;
    json_t *list;

    json_object_foreach(json_object_get(details, "anomalies"), name, list)
    {
        *ret_name = name;
        return json_array_get(list, 0);
    }
    return NULL;
}

static void collect_operations(const json_t *value, json_t *list)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_object_get(value, "process") != NULL && json_object_get(value, "f") != NULL)
        json_array_append(list, (json_t *)value);
    json_object_foreach((json_t *)value, key, member) collect_operations(member, list);
    json_array_foreach(value, i, member) collect_operations(member, list);
}

static bool draw(struct canvas *v, const json_t *details)
{
    const json_t *explanation = json_object_get(details, "explanation");
    const char *anomaly = "";
    const json_t *found = gravest(details, &anomaly);
    json_t *operations;
    bool drawn;

    v->y = MARGIN;
    add_lines(v, "sentence", MARGIN, text_of(details, "sentence"));
    if (explanation != NULL)
        return draw_operations(v, explanation, details);
    if (found == NULL || draw_cycle(v, found))
        return found != NULL;
    operations = json_array();
    collect_operations(found, operations);
    drawn = json_array_size(operations) > 0;
    explanation = json_pack("{s:o}", "operations", operations);
    if (drawn)
        drawn = draw_operations(v, explanation, details);
    json_decref((json_t *)explanation);
    return drawn;
}

static const json_t *first_invalid(const json_t *details)
{
    const char *name;
    json_t *member;

    if (json_object_get(details, "explanation") != NULL ||
        json_object_get(details, "anomalies") != NULL)
        return json_is_false(json_object_get(details, "valid?")) ? details : NULL;
    json_object_foreach((json_t *)details, name, member)
    {
        if (json_is_false(json_object_get(member, "valid?")))
            return member;
    }
    return NULL;
}

bool evidence_svg(const json_t *details, struct buf *out)
{
    struct canvas v = {.width = WIDTH_MIN};
    const json_t *invalid = first_invalid(details);
    bool drawn = invalid != NULL && draw(&v, invalid);

    if (drawn) {
        struct svg_frame frame = {
            .width = v.width,
            .height = v.y + MARGIN,
            .title = STR_LIT("Why the verdict is invalid"),
            .description = text_of(invalid, "sentence"),
            .style = style,
        };
        svg_begin(out, &frame);
        buf_add_str(out, buf_str(&v.body));
        svg_end(out);
    }
    buf_release(&v.body);
    return drawn;
}

/* Equal values, equal texts: what checkers compare and count by.
 *
 * The text is checked whole first, so that the walk behind it meets no error. Members are written
 * in the order they come; only an object whose keys are not already sorted and distinct is put
 * together again from its pieces, so that bringing a canonical text into canonical form is one
 * pass. The recursion is at most JSON_DEPTH_MAX deep.
 *
 * Numbers: integers keep their digits, whatever their size (-0 is 0). Floats are the shortest of
 * 15 to 17 digits that reads back as the same double, with a ".0" if they would look like an
 * integer, and -0.0 is 0.0. One too large for a double has no such form and keeps its text. */
#include "json.h"

#include "assert.h"
#include "json_scan.h"
#include "mem.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct member {
    struct str key; /* unescaped */
    size_t start;   /* of its text in out: key, colon, value */
    size_t len;
    size_t order; /* of two members with one key the later counts */
};

struct work {
    struct json_reader reader;
    struct buf *out;
    struct arena *arena; /* keys that had escapes */
    struct member *members;
    size_t member_count; /* of all objects that are open */
    size_t member_cap;
    struct buf plain;  /* for a moment: one unescaped string */
    struct buf pieces; /* for a moment: one object in its new order */
};

static void add_float(struct buf *out, struct str number)
{
    double value = json_to_double(number);
    char text[40];
    int digits;

    if (isinf(value)) {
        buf_add_str(out, number);
        return;
    }
    if (value == 0.0)
        value = 0.0; /* no minus */
    for (digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    buf_add_text(out, text);
    if (strpbrk(text, ".e") == NULL)
        buf_add_text(out, ".0");
}

static void add_number(struct buf *out, struct str number)
{
    bool is_integer = true;
    size_t i;

    for (i = 0; i < number.len; i++)
        if (number.data[i] != '-' && !json_is_digit(number.data[i]))
            is_integer = false;
    if (!is_integer)
        add_float(out, number);
    else if (str_is(number, "-0"))
        buf_add_char(out, '0');
    else
        buf_add_str(out, number);
}

/* Writes the string and gives what it means, borrowed from the text or the arena. */
static struct str add_string(struct work *w, struct str inside)
{
    struct str plain = inside;

    if (inside.len > 0 && memchr(inside.data, '\\', inside.len) != NULL) {
        buf_reset(&w->plain);
        json_unescape(&w->plain, inside);
        plain = buf_str(&w->plain);
    }
    json_quote(w->out, plain);
    return plain;
}

static struct str add_key(struct work *w, struct str inside)
{
    struct str plain = add_string(w, inside);

    if (plain.data != inside.data)
        plain.data = arena_strndup(w->arena, plain.data, plain.len);
    buf_add_char(w->out, ':');
    return plain;
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left;
    const struct member *b = right;
    int order = str_cmp(a->key, b->key);

    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

/* Puts the members, whose texts end out from start on, into order. */
static void reorder(struct work *w, size_t start, struct member *members, size_t count)
{
    size_t i;

    qsort(members, count, sizeof(*members), compare_members);
    buf_reset(&w->pieces);
    for (i = 0; i < count; i++) {
        if (i + 1 < count && str_eq(members[i].key, members[i + 1].key))
            continue;
        if (w->pieces.len > 0)
            buf_add_char(&w->pieces, ',');
        buf_add(&w->pieces, w->out->data + members[i].start, members[i].len);
    }
    w->out->len = start;
    buf_add_str(w->out, buf_str(&w->pieces));
}

static void add_value(struct work *w);

static void add_object(struct work *w)
{
    size_t first = w->member_count;
    size_t start;
    bool is_sorted = true;

    buf_add_char(w->out, '{');
    start = w->out->len;
    while (json_next(&w->reader) == JSON_AT_KEY) {
        size_t i = w->member_count++;
        struct member m = {.order = i};

        w->members = mem_grow(w->members, &w->member_cap, w->member_count, sizeof(*w->members));
        if (i > first)
            buf_add_char(w->out, ',');
        m.start = w->out->len;
        m.key = add_key(w, w->reader.text);
        json_next(&w->reader);
        add_value(w);
        m.len = w->out->len - m.start;
        w->members[i] = m;
        if (i > first && str_cmp(w->members[i - 1].key, m.key) >= 0)
            is_sorted = false;
    }
    if (!is_sorted)
        reorder(w, start, w->members + first, w->member_count - first);
    w->member_count = first;
    buf_add_char(w->out, '}');
}

static void add_array(struct work *w)
{
    bool is_first = true;

    buf_add_char(w->out, '[');
    while (json_next(&w->reader) != JSON_AT_ARRAY_END) {
        if (!is_first)
            buf_add_char(w->out, ',');
        is_first = false;
        add_value(w);
    }
    buf_add_char(w->out, ']');
}

/* The value whose first token was just read. */
static void add_value(struct work *w)
{
    switch (w->reader.kind) {
    case JSON_AT_OBJECT:
        add_object(w);
        break;
    case JSON_AT_ARRAY:
        add_array(w);
        break;
    case JSON_AT_STRING:
        add_string(w, w->reader.text);
        break;
    case JSON_AT_NUMBER:
        add_number(w->out, w->reader.text);
        break;
    case JSON_AT_NULL:
        buf_add_text(w->out, "null");
        break;
    case JSON_AT_TRUE:
        buf_add_text(w->out, "true");
        break;
    default:
        ASSERT(w->reader.kind == JSON_AT_FALSE);
        buf_add_text(w->out, "false");
        break;
    }
}

bool json_canonical(struct buf *out, struct str value)
{
    const char *end = value.len > 0 ? value.data + value.len : value.data;
    const char *stop = json_scan_value(value.data, end, JSON_DEPTH_MAX);
    struct work w = {.out = out};

    if (stop == NULL || json_scan_blanks(stop, end) != end)
        return false;
    w.arena = arena_new();
    json_reader_init(&w.reader, value);
    json_next(&w.reader);
    add_value(&w);
    arena_free(w.arena);
    mem_free(w.members);
    buf_release(&w.plain);
    buf_release(&w.pieces);
    return true;
}

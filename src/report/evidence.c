/* Checkers put very different things into their details: counts, lists of elements, operations,
 * cycles of transactions. They share a few habits, and those are all that this file knows:
 *
 *   an object with "sentence"           says itself; its other members only repeat it
 *   an object with "process" and "f"    is an operation
 *   a list of such                      one line for each
 *   an object of objects or lists       a heading, and its members below it
 *   everything else                     NAME  value, the value as JSON in one line */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_WIDTH = 20, INDENT = 2, DEPTH_MAX = 4 };

struct page {
    struct buf *out;
    const char *said;
    int lines;
    bool is_cut;
};

static bool begin_line(struct page *p, int depth)
{
    if (p->lines == EVIDENCE_LINES_MAX) {
        p->is_cut = true;
        return false;
    }
    p->lines++;
    buf_addf(p->out, "%*s", INDENT * (depth + 1), "");
    return true;
}

/* Text of strangers: control characters (C0, DEL, C1) become '?'. */
static void add_safe(struct page *p, const char *text, size_t max)
{
    size_t len = strlen(text);
    size_t i;

    for (i = 0; i < len && i < max; i++) {
        unsigned char c = (unsigned char)text[i];
        bool is_c1 = c == 0xc2 && ((unsigned char)text[i + 1] & 0xe0) == 0x80;
        buf_add_char(p->out, is_c1 || c < 0x20 || c == 0x7f ? '?' : (char)c);
        i += is_c1;
    }
    while (i < len && ((unsigned char)text[i] & 0xc0) == 0x80) /* not inside a character */
        buf_add_char(p->out, text[i++]);
    buf_add_text(p->out, i < len ? "..." : "");
}

static void add_json(struct page *p, const json_t *value, size_t max)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);

    add_safe(p, text != NULL ? text : "", max);
    free(text);
}

static void add_time(struct page *p, const json_t *ns)
{
    char text[DURATION_TEXT_MAX];

    if (json_is_integer(ns))
        buf_add_text(p->out, duration_text(json_integer_value(ns), text));
    else
        buf_add_text(p->out, "open");
}

/* "process 3  write [1,4]            12 ms to 14 ms" */
static void add_operation(struct page *p, const json_t *op, int depth)
{
    const json_t *value = json_object_get(op, "value");
    const json_t *answer = json_object_get(op, "answer");
    const json_t *invoked = json_object_get(op, "invoked");

    if (!begin_line(p, depth))
        return;
    buf_add_text(p->out, "process ");
    add_json(p, json_object_get(op, "process"), 20);
    buf_add_text(p->out, "  ");
    add_safe(p, json_string_value(json_object_get(op, "f")), 40);
    if (value != NULL && !json_is_null(value)) {
        buf_add_char(p->out, ' ');
        add_json(p, value, EVIDENCE_WIDTH_MAX);
    }
    if (answer != NULL) {
        buf_add_text(p->out, " -> ");
        add_json(p, answer, EVIDENCE_WIDTH_MAX);
    }
    if (invoked != NULL) {
        buf_add_text(p->out, "  (");
        add_time(p, invoked);
        buf_add_text(p->out, " to ");
        add_time(p, json_object_get(op, "completed"));
        buf_add_char(p->out, ')');
    }
    buf_add_char(p->out, '\n');
}

static bool is_operation(const json_t *value)
{
    return json_object_get(value, "process") != NULL && json_is_string(json_object_get(value, "f"));
}

static bool has_sentence(const json_t *value)
{
    return json_is_string(json_object_get(value, "sentence"));
}

static void add_heading(struct page *p, const char *name, int depth)
{
    if (!begin_line(p, depth))
        return;
    add_safe(p, name, EVIDENCE_WIDTH_MAX);
    buf_add_text(p->out, ":\n");
}

static void add_sentence(struct page *p, const char *sentence, int depth)
{
    if ((p->said != NULL && strcmp(p->said, sentence) == 0) || !begin_line(p, depth))
        return;
    add_safe(p, sentence, 1000);
    buf_add_char(p->out, '\n');
}

static void add_members(struct page *p, const json_t *object, int depth);

/* A list whose elements are texts for people, sentences or operations. */
static void add_list(struct page *p, const char *name, const json_t *list, int depth)
{
    size_t i;

    add_heading(p, name, depth);
    for (i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        if (has_sentence(item))
            add_sentence(p, json_string_value(json_object_get(item, "sentence")), depth + 1);
        else if (is_operation(item))
            add_operation(p, item, depth + 1);
        else if (json_is_string(item))
            add_sentence(p, json_string_value(item), depth + 1);
    }
}

static bool is_told_by_line(const json_t *value)
{
    const json_t *first = json_array_get(value, 0);
    const char *text = json_string_value(first);

    return has_sentence(first) || is_operation(first) ||
           (text != NULL && strchr(text, ' ') != NULL);
}

static bool is_nested(const json_t *value)
{
    const char *name;
    json_t *member;

    json_object_foreach((json_t *)value, name, member)
    { /* jansson's macro knows no const */
        if (is_told_by_line(member) || json_object_size(member) > 0)
            return true;
    }
    return false;
}

static void add_member(struct page *p, const char *name, const json_t *value, int depth)
{
    if (is_told_by_line(value)) {
        add_list(p, name, value, depth);
    } else if (depth < DEPTH_MAX && is_nested(value)) {
        add_heading(p, name, depth);
        add_members(p, value, depth + 1);
    } else if (has_sentence(value)) {
        add_sentence(p, json_string_value(json_object_get(value, "sentence")), depth);
    } else if (is_operation(value)) {
        add_heading(p, name, depth);
        add_operation(p, value, depth + 1);
    } else if (begin_line(p, depth)) {
        buf_addf(p->out, "%-*s ", NAME_WIDTH, name);
        if (json_is_string(value))
            add_safe(p, json_string_value(value), EVIDENCE_WIDTH_MAX);
        else
            add_json(p, value, EVIDENCE_WIDTH_MAX);
        buf_add_char(p->out, '\n');
    }
}

static bool is_empty(const json_t *value)
{
    return json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
           (json_is_object(value) && json_object_size(value) == 0);
}

static void add_members(struct page *p, const json_t *object, int depth)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)object, name, value)
    { /* jansson's macro knows no const */
        if (strcmp(name, "valid?") == 0 || strcmp(name, "sentence") == 0 || is_empty(value))
            continue;
        add_member(p, name, value, depth);
    }
}

void evidence_text(const json_t *details, const char *said, struct buf *out)
{
    struct page p = {.out = out, .said = said};

    add_members(&p, details, 0);
    if (p.is_cut)
        buf_add_text(out, EVIDENCE_CUT "\n");
}

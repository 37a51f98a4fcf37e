/* From EDN to canonical JSON, in one pass over the tokens wherever that is enough.
 *
 * Integers, plain strings, keywords and vectors, which is nearly all of a history, come out
 * canonical as they are written. Whatever does not (a real, a string with escapes, a map of two
 * keys or more) sets rough, and json_canonical() then puts the whole value right. */
#include "edn.h"

#include "../base/assert.h"
#include "../base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct edn_reader *r;
    struct buf *out;
    bool rough;
};

static void add_value(struct work *w);

/* What base ten makes of it: without plus and N, hexadecimal digits counted. */
static void add_integer(struct work *w, struct str text)
{
    if (text.data[text.len - 1] == 'N')
        text.len--;
    if (text.data[0] == '+') {
        text.data++;
        text.len--;
    }
    size_t sign = text.data[0] == '-' ? 1 : 0;
    if (text.len > sign + 2 && (text.data[sign + 1] | 0x20) == 'x') {
        char hex[24];
        snprintf(hex, sizeof(hex), "%.*s", (int)(text.len - sign), text.data + sign);
        long long value = strtoll(hex, NULL, 16);
        buf_add_i64(w->out, sign > 0 ? -value : value);
    } else if (str_is(text, "-0")) {
        buf_add_char(w->out, '0');
    } else {
        buf_add_str(w->out, text);
    }
}

/* EDN writes "1." and "1.e5" where JSON wants a digit behind the point. */
static void add_real(struct work *w, struct str text)
{
    size_t i;

    if (text.data[text.len - 1] == 'M')
        text.len--;
    if (str_is(text, "Inf") || str_is(text, "-Inf") || str_is(text, "NaN")) {
        json_quote(w->out, text);
        return;
    }
    w->rough = true;
    if (text.data[0] == '+') {
        text.data++;
        text.len--;
    }
    size_t start = w->out->len;
    for (i = 0; i < text.len; i++) {
        buf_add_char(w->out, text.data[i]);
        if (text.data[i] == '.' && (i + 1 == text.len || (text.data[i + 1] | 0x20) == 'e'))
            buf_add_char(w->out, '0');
    }
    if (strpbrk(w->out->data + start, ".eE") == NULL) /* 5M is no integer */
        buf_add_text(w->out, ".0");
}

/* A string's inside with escapes or raw control characters, as JSON would escape it. */
static void add_escaped(struct work *w, struct str inside)
{
    size_t i;

    w->rough = true;
    buf_add_char(w->out, '"');
    for (i = 0; i < inside.len; i++) {
        unsigned char c = (unsigned char)inside.data[i];
        if (c < 0x20) {
            buf_addf(w->out, "\\u%04x", c);
        } else if (c != '\\') {
            buf_add_char(w->out, (char)c);
        } else if (inside.data[i + 1] >= '0' && inside.data[i + 1] <= '7') {
            unsigned value = 0;
            size_t digits;
            for (digits = 0; digits < 3 && i + 1 < inside.len && inside.data[i + 1] >= '0' &&
                             inside.data[i + 1] <= '7' && value < 040;
                 digits++)
                value = value * 8 + (unsigned)(inside.data[++i] - '0');
            buf_addf(w->out, "\\u%04x", value);
        } else {
            buf_add_char(w->out, '\\');
            buf_add_char(w->out, inside.data[++i]);
        }
    }
    buf_add_char(w->out, '"');
}

static void add_string(struct work *w, struct str inside)
{
    size_t i;

    for (i = 0; i < inside.len; i++)
        if ((unsigned char)inside.data[i] < 0x20 || inside.data[i] == '\\') {
            add_escaped(w, inside);
            return;
        }
    buf_add_char(w->out, '"');
    buf_add_str(w->out, inside);
    buf_add_char(w->out, '"');
}

static void add_char(struct work *w, struct str name)
{
    static const char *const names[][2] = {
        {"newline", "\\n"}, {"space", " "},       {"tab", "\\t"},
        {"return", "\\r"},  {"backspace", "\\b"}, {"formfeed", "\\f"},
    };
    struct buf inside = {0};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_is(name, names[i][0]))
            buf_add_text(&inside, names[i][1]);
    if (inside.len == 0 && name.len > 1 && (name.data[0] == 'u' || name.data[0] == 'o')) {
        buf_add_text(&inside, name.data[0] == 'u' ? "\\u" : "\\");
        buf_add(&inside, name.data + 1, name.len - 1);
    } else if (inside.len == 0) {
        buf_add_text(&inside, str_is(name, "\\") ? "\\" : "");
        buf_add_text(&inside, str_is(name, "\"") ? "\\" : "");
        buf_add_str(&inside, name);
    }
    add_string(w, buf_str(&inside));
    buf_release(&inside);
}

static void add_sequence(struct work *w)
{
    bool is_first = true;

    buf_add_char(w->out, '[');
    while (edn_next(w->r) != EDN_CLOSE && w->r->kind != EDN_ERROR) {
        if (!is_first)
            buf_add_char(w->out, ',');
        is_first = false;
        add_value(w);
    }
    buf_add_char(w->out, ']');
}

static int compare_texts(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* The elements of a set, sorted by their canonical texts, so that equal sets are equal texts. */
static void add_set(struct work *w)
{
    struct str *elements = NULL;
    size_t count = 0;
    size_t cap = 0;
    struct buf text = {0};
    size_t i;

    while (edn_next(w->r) != EDN_CLOSE && w->r->kind != EDN_ERROR) {
        buf_reset(&text);
        if (!edn_json(w->r, &text))
            break;
        elements = mem_grow(elements, &cap, count + 1, sizeof(*elements));
        elements[count++] = (struct str){mem_strndup(text.data, text.len), text.len};
    }
    if (count > 0)
        qsort(elements, count, sizeof(*elements), compare_texts);
    buf_add_char(w->out, '[');
    for (i = 0; i < count; i++) {
        if (i > 0)
            buf_add_char(w->out, ',');
        buf_add_str(w->out, elements[i]);
        mem_free((char *)elements[i].data);
    }
    buf_add_char(w->out, ']');
    mem_free(elements);
    buf_release(&text);
}

/* A key as a JSON string: what is none becomes the text of its value. Quoting may double a text,
 * and keys may stand within keys, so such texts have a cap. */
static void add_key(struct work *w)
{
    struct buf key = {0};
    size_t start = w->r->start;

    if (edn_json(w->r, &key) && key.data[0] == '"') {
        buf_add_str(w->out, buf_str(&key));
    } else if (key.len > EDN_KEY_MAX) {
        w->r->kind = EDN_ERROR;
        w->r->error = "a key whose JSON text is at most 4096 bytes long";
        w->r->at = start;
    } else {
        json_quote(w->out, buf_str(&key));
    }
    buf_release(&key);
}
_Static_assert(EDN_KEY_MAX == 4096, "the sentence above says the bound");

static void add_map(struct work *w)
{
    size_t count = 0;

    buf_add_char(w->out, '{');
    while (edn_next(w->r) != EDN_CLOSE && w->r->kind != EDN_ERROR) {
        if (count++ > 0)
            buf_add_char(w->out, ',');
        add_key(w);
        buf_add_char(w->out, ':');
        if (w->r->kind == EDN_ERROR || edn_next(w->r) == EDN_ERROR)
            break;
        add_value(w);
    }
    buf_add_char(w->out, '}');
    if (count > 1)
        w->rough = true;
}

/* {"key":k,"value":v}, with which out ends from start on, becomes [k,v]; other values stay. */
static void untuple(struct work *w, size_t start)
{
    struct str text = {w->out->data + start, w->out->len - start};
    struct str key = {NULL, 0};
    struct str value = {NULL, 0};
    struct json_reader r;
    struct buf pair = {0};

    json_reader_init(&r, text);
    if (json_next(&r) != JSON_AT_OBJECT)
        return;
    while (json_next(&r) == JSON_AT_KEY) {
        bool is_key = json_string_is(r.text, "key");
        bool is_value = json_string_is(r.text, "value");
        struct str part;
        json_next(&r);
        if (!json_skip(&r, &part))
            return;
        if (is_key)
            key = part;
        else if (is_value)
            value = part;
    }
    if (key.data == NULL || value.data == NULL)
        return;
    buf_add_char(&pair, '[');
    buf_add_str(&pair, key);
    buf_add_char(&pair, ',');
    buf_add_str(&pair, value);
    buf_add_char(&pair, ']');
    w->out->len = start;
    buf_add_str(w->out, buf_str(&pair));
    buf_release(&pair);
}

static void add_tagged(struct work *w)
{
    size_t start = w->out->len;
    bool is_tuple = false;

    while (w->r->kind == EDN_TAG) {
        is_tuple = is_tuple || str_is(w->r->text, "jepsen.independent.Tuple");
        edn_next(w->r);
    }
    add_value(w);
    if (is_tuple && w->r->kind != EDN_ERROR)
        untuple(w, start);
}

/* The form whose first token was just read. On an error the rest of the JSON is as it may be: the
 * caller throws it away. */
static void add_value(struct work *w)
{
    switch (w->r->kind) {
    case EDN_NIL:
        buf_add_text(w->out, "null");
        break;
    case EDN_TRUE:
        buf_add_text(w->out, "true");
        break;
    case EDN_FALSE:
        buf_add_text(w->out, "false");
        break;
    case EDN_INTEGER:
        add_integer(w, w->r->text);
        break;
    case EDN_REAL:
        add_real(w, w->r->text);
        break;
    case EDN_STRING:
        add_string(w, w->r->text);
        break;
    case EDN_CHAR:
        add_char(w, w->r->text);
        break;
    case EDN_RATIO:
    case EDN_KEYWORD:
    case EDN_SYMBOL:
        json_quote(w->out, w->r->text);
        break;
    case EDN_TAG:
        add_tagged(w);
        break;
    case EDN_LIST:
    case EDN_VECTOR:
        add_sequence(w);
        break;
    case EDN_MAP:
        add_map(w);
        break;
    case EDN_SET:
        add_set(w);
        break;
    case EDN_ERROR:
        break;
    case EDN_END:
    case EDN_CLOSE:
        ASSERT(false);
    }
}

bool edn_json(struct edn_reader *r, struct buf *out)
{
    size_t start = out->len;
    struct work w = {.r = r, .out = out};

    add_value(&w);
    if (r->kind == EDN_ERROR) {
        out->len = start;
        if (out->data != NULL)
            out->data[start] = '\0';
        return false;
    }
    if (w.rough) {
        struct buf canonical = {0};
        struct str text = {out->data + start, out->len - start};
        ASSERT(json_canonical(&canonical, text));
        out->len = start;
        buf_add_str(out, buf_str(&canonical));
        buf_release(&canonical);
    }
    return true;
}

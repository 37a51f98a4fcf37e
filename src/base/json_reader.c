/* The walk token by token. What may come next is in r->expect:
 *
 *            '['            value                   ']' or '}' closing the outermost
 *   VALUE ---------> FIRST_VALUE ---> AFTER ------------------------> NOTHING
 *     |  '{'                          |   ^  ','
 *     +-----> FIRST_KEY --> (key ':') VALUE <-- KEY (object) or VALUE (array)
 *
 * A scalar at depth 0 leads from VALUE to NOTHING at once. */
#include "json.h"

#include "assert.h"
#include "json_scan.h"

#include <string.h>

enum expect { VALUE, FIRST_VALUE, KEY, FIRST_KEY, AFTER, NOTHING };

void json_reader_init(struct json_reader *r, struct str in)
{
    *r = (struct json_reader){.in = in, .expect = VALUE, .kind = JSON_AT_NULL};
    if (in.data == NULL)
        r->in = STR_LIT("");
}

static bool in_object(const struct json_reader *r)
{
    return r->depth > 0 && (r->is_object >> (r->depth - 1) & 1) != 0;
}

static enum json_kind fail(struct json_reader *r, const char *at, const char *wanted)
{
    r->at = (size_t)(at - r->in.data);
    r->error = wanted;
    r->text = (struct str){0};
    return r->kind = JSON_AT_ERROR;
}

/* The token that ends at p. */
static enum json_kind accept(struct json_reader *r, const char *p, enum json_kind kind,
                             enum expect next)
{
    r->at = (size_t)(p - r->in.data);
    r->expect = (unsigned char)next;
    return r->kind = kind;
}

static enum expect after_value(const struct json_reader *r)
{
    return r->depth > 0 ? AFTER : NOTHING;
}

static enum json_kind open_container(struct json_reader *r, const char *p)
{
    uint64_t bit;
    bool is_object = *p == '{';

    if (r->depth == JSON_DEPTH_MAX)
        return fail(r, p, json_want_depth);
    bit = (uint64_t)1 << r->depth++;
    r->is_object = is_object ? r->is_object | bit : r->is_object & ~bit;
    return accept(r, p + 1, is_object ? JSON_AT_OBJECT : JSON_AT_ARRAY,
                  is_object ? FIRST_KEY : FIRST_VALUE);
}

static enum json_kind close_container(struct json_reader *r, const char *p)
{
    enum json_kind kind = in_object(r) ? JSON_AT_OBJECT_END : JSON_AT_ARRAY_END;

    r->depth--;
    return accept(r, p + 1, kind, after_value(r));
}

/* p at the opening quote. Sets r->text; gives the place behind the string or NULL after fail(). */
static const char *read_string(struct json_reader *r, const char *p)
{
    const char *end = r->in.data + r->in.len;
    const char *stop = json_scan_string(p + 1, end);
    const char *wanted;

    if (stop < end && *stop == '"') {
        r->text = (struct str){p + 1, (size_t)(stop - p) - 1};
        return stop + 1;
    }
    if (stop == end)
        wanted = json_want_quote;
    else if (*stop == '\\')
        wanted = json_want_escape;
    else if ((unsigned char)*stop < 0x20)
        wanted = json_want_no_control;
    else
        wanted = json_want_utf8;
    fail(r, stop, wanted);
    return NULL;
}

static enum json_kind read_number(struct json_reader *r, const char *p)
{
    const char *stop = json_scan_number(p, r->in.data + r->in.len);

    if (!json_is_digit(stop[-1]))
        return fail(r, stop, "a digit");
    r->text = (struct str){p, (size_t)(stop - p)};
    return accept(r, stop, JSON_AT_NUMBER, after_value(r));
}

static enum json_kind read_word(struct json_reader *r, const char *p)
{
    const char *word;
    const char *stop = json_scan_word(p, r->in.data + r->in.len, &word);
    enum json_kind kind;

    if (word == NULL)
        return fail(r, p, r->expect == FIRST_VALUE ? "a value or \"]\"" : "a value");
    kind = *word == 't' ? JSON_AT_TRUE : *word == 'f' ? JSON_AT_FALSE : JSON_AT_NULL;
    if ((size_t)(stop - p) != strlen(word))
        return fail(r, stop,
                    kind == JSON_AT_TRUE    ? "the rest of \"true\""
                    : kind == JSON_AT_FALSE ? "the rest of \"false\""
                                            : "the rest of \"null\"");
    return accept(r, stop, kind, after_value(r));
}

static enum json_kind read_value(struct json_reader *r, const char *p)
{
    if (*p == '{' || *p == '[')
        return open_container(r, p);
    if (*p == '"') {
        p = read_string(r, p);
        return p == NULL ? JSON_AT_ERROR : accept(r, p, JSON_AT_STRING, after_value(r));
    }
    if (*p == '-' || json_is_digit(*p))
        return read_number(r, p);
    return read_word(r, p);
}

static enum json_kind read_key(struct json_reader *r, const char *p)
{
    const char *end = r->in.data + r->in.len;

    if (*p != '"')
        return fail(r, p, r->expect == FIRST_KEY ? "a key in quotes or \"}\"" : "a key in quotes");
    p = read_string(r, p);
    if (p == NULL)
        return JSON_AT_ERROR;
    p = json_scan_blanks(p, end);
    if (p == end || *p != ':')
        return fail(r, p, "\":\"");
    return accept(r, p + 1, JSON_AT_KEY, VALUE);
}

enum json_kind json_next(struct json_reader *r)
{
    const char *end = r->in.data + r->in.len;
    const char *p;

    if (r->kind == JSON_AT_ERROR)
        return JSON_AT_ERROR;
    r->text = (struct str){0};
    p = json_scan_blanks(r->in.data + r->at, end);
    if (r->expect == NOTHING)
        return p == end ? accept(r, p, JSON_AT_END, NOTHING) : fail(r, p, json_want_end);

    if (r->expect == AFTER && p < end && *p == ',') {
        p = json_scan_blanks(p + 1, end);
        r->expect = in_object(r) ? KEY : VALUE;
    } else if (r->expect == AFTER) {
        if (p < end && *p == (in_object(r) ? '}' : ']'))
            return close_container(r, p);
        return fail(r, p, in_object(r) ? "\",\" or \"}\"" : "\",\" or \"]\"");
    }
    if (p == end)
        return fail(r, p,
                    r->expect == KEY || r->expect == FIRST_KEY ? "a key in quotes" : "a value");
    if ((r->expect == FIRST_KEY && *p == '}') || (r->expect == FIRST_VALUE && *p == ']'))
        return close_container(r, p);
    if (r->expect == KEY || r->expect == FIRST_KEY)
        return read_key(r, p);
    return read_value(r, p);
}

bool json_skip(struct json_reader *r, struct str *ret_text)
{
    const char *at = r->in.data + r->at;
    const char *start = at;
    const char *stop;

    switch (r->kind) {
    case JSON_AT_ERROR:
        return false;
    case JSON_AT_NUMBER:
        *ret_text = r->text;
        return true;
    case JSON_AT_STRING:
        *ret_text = (struct str){r->text.data - 1, r->text.len + 2};
        return true;
    case JSON_AT_NULL:
    case JSON_AT_TRUE:
        *ret_text = (struct str){at - 4, 4};
        return true;
    case JSON_AT_FALSE:
        *ret_text = (struct str){at - 5, 5};
        return true;
    default:
        ASSERT(r->kind == JSON_AT_ARRAY || r->kind == JSON_AT_OBJECT);
        start--;
    }
    stop = json_scan_value(start, r->in.data + r->in.len, JSON_DEPTH_MAX - r->depth + 1);
    if (stop == NULL) { /* the slow way, which ends at the fault */
        while (json_next(r) != JSON_AT_ERROR)
            ASSERT(r->kind != JSON_AT_END);
        return false;
    }
    close_container(r, stop - 1);
    *ret_text = (struct str){start, (size_t)(stop - start)};
    return true;
}

struct str json_text_at(struct str object, const char *name)
{
    struct json_reader r;
    struct str found = {"", 0};
    struct str value;

    json_reader_init(&r, object);
    if (json_next(&r) != JSON_AT_OBJECT)
        return found;
    while (json_next(&r) == JSON_AT_KEY) {
        bool is_it = json_string_is(r.text, name);
        bool is_text = json_next(&r) == JSON_AT_STRING;
        struct str text = r.text;
        if (!json_skip(&r, &value))
            break;
        if (is_it && is_text)
            found = text;
    }
    return found;
}

/* The walk through EDN text.
 *
 * EDN has no grammar beyond its tokens: a text is a row of forms, and a container is a row of forms
 * up to its closer. So there is one loop for what lies between tokens (blanks, commas, comments,
 * #_ and the form it takes away) and one function for each kind of token. Two rules need a memory:
 * a map holds an even number of forms, and a tag or #_ is followed by one; both are kept by
 * end_form(), which every complete form passes.
 *
 * #_ reads the form that it discards by the same walk, in a recursion that r->discards bounds
 * like the depth of containers; what the form did to the memory of its surroundings is undone. */
#include "edn.h"

#include "../base/assert.h"
#include "../base/json_scan.h"

#include <string.h>

/* Bugs for tests/planted/edn.sh to build in: 1, #_ in a map counts as a form. */
#ifndef PLANT_EDN
#define PLANT_EDN 0
#endif

static const char want_depth[] = "nothing nested deeper than 64";
static const char want_form[] = "the form that belongs to the tag or #_ before";
_Static_assert(EDN_DEPTH_MAX == 64, "the sentence above says the bound");

void edn_reader_init(struct edn_reader *r, struct str in)
{
    memset(r, 0, offsetof(struct edn_reader, open));
    r->in = in.data != NULL ? in : STR_LIT("");
}

static enum edn_kind fail(struct edn_reader *r, size_t at, const char *wanted)
{
    r->at = at;
    r->error = wanted;
    r->text = (struct str){NULL, 0};
    return r->kind = EDN_ERROR;
}

/* A form is complete: the closer of a container, or a token that is none. */
static void end_form(struct edn_reader *r)
{
    r->wants_form = false;
    if (r->depth > 0)
        r->open[r->depth - 1].is_odd = !r->open[r->depth - 1].is_odd;
}

static enum edn_kind accept(struct edn_reader *r, size_t at, enum edn_kind kind, struct str text)
{
    r->at = at;
    r->text = text;
    end_form(r);
    return r->kind = kind;
}

static bool is_blank(char c)
{
    return c == ' ' || c == ',' || (c >= '\t' && c <= '\r');
}

/* What may stand behind a token without a blank between. */
static bool is_end_of_word(char c)
{
    switch (c) {
    case '(':
    case ')':
    case '[':
    case ']':
    case '{':
    case '}':
    case '"':
    case ';':
        return true;
    default:
        return is_blank(c);
    }
}

static bool is_banned_in_word(unsigned char c)
{
    return c < 0x20 || c == 0x7f || c == '\\' || c == '@' || c == '^' || c == '`' || c == '~';
}

static bool is_digit_at(const struct edn_reader *r, size_t at)
{
    return at < r->in.len && json_is_digit(r->in.data[at]);
}

/* From the first byte of a word (keyword, symbol, tag) to behind it; fails on bytes that are not
 * UTF-8 or control characters, and gives 0 then. */
static size_t scan_word(struct edn_reader *r, size_t at)
{
    const char *end = r->in.data + r->in.len;

    while (at < r->in.len && !is_end_of_word(r->in.data[at])) {
        unsigned char c = (unsigned char)r->in.data[at];
        size_t len = c < 0x80 ? 1 : json_utf8_len(r->in.data + at, end);
        if (len == 0 || is_banned_in_word(c)) {
            fail(r, at,
                 len == 0 ? "valid UTF-8"
                          : "a letter, digit or one of . * + ! - _ ? $ % & = < > / : #");
            return 0;
        }
        at += len;
    }
    return at;
}

static struct str slice(const struct edn_reader *r, size_t from, size_t to)
{
    return (struct str){r->in.data + from, to - from};
}

static enum edn_kind read_word(struct edn_reader *r, size_t at)
{
    size_t stop = scan_word(r, at);
    struct str word;

    if (stop == 0)
        return EDN_ERROR;
    if (stop == at)
        return fail(r, at, "a form: a value, or something in ( ), [ ] or { }");
    word = slice(r, at, stop);
    if (str_is(word, "nil"))
        return accept(r, stop, EDN_NIL, word);
    if (str_is(word, "true"))
        return accept(r, stop, EDN_TRUE, word);
    if (str_is(word, "false"))
        return accept(r, stop, EDN_FALSE, word);
    return accept(r, stop, EDN_SYMBOL, word);
}

static enum edn_kind read_keyword(struct edn_reader *r, size_t at)
{
    size_t from = at + 1;
    size_t stop;

    if (from < r->in.len && r->in.data[from] == ':') /* ::a, as Clojure's programs write it */
        from++;
    stop = scan_word(r, from);
    if (stop == 0)
        return EDN_ERROR;
    if (stop == from)
        return fail(r, from, "the name of the keyword");
    return accept(r, stop, EDN_KEYWORD, slice(r, from, stop));
}

/* The length of the escape whose backslash is at at, or 0 if it is none. */
static size_t scan_escape(const struct edn_reader *r, size_t at)
{
    char c = r->in.data[at + 1];
    size_t digits = 0;

    if (c != 'u')
        return c != '\0' && strchr("trnbf\\\"01234567", c) != NULL ? 2 : 0;
    while (digits < 4 && at + 2 + digits < r->in.len && json_is_hex(r->in.data[at + 2 + digits]))
        digits++;
    return digits == 4 ? 6 : 0;
}

static enum edn_kind read_string(struct edn_reader *r, size_t at)
{
    const char *end = r->in.data + r->in.len;
    size_t i = at + 1;

    for (;;) {
        while (i < r->in.len && (signed char)r->in.data[i] >= 0 && r->in.data[i] != '"' &&
               r->in.data[i] != '\\')
            i++;
        if (i == r->in.len)
            return fail(r, i, "the closing quote of the string");
        if (r->in.data[i] == '"')
            return accept(r, i + 1, EDN_STRING, slice(r, at + 1, i));
        if (r->in.data[i] != '\\') {
            size_t len = json_utf8_len(r->in.data + i, end);
            if (len == 0)
                return fail(r, i, "valid UTF-8");
            i += len;
            continue;
        }
        if (i + 1 == r->in.len)
            return fail(r, i + 1, "the closing quote of the string");
        size_t escape = scan_escape(r, i);
        if (escape == 0)
            return fail(r, i, "one of the escapes \\t \\r \\n \\b \\f \\\\ \\\" \\uXXXX \\ooo");
        i += escape;
    }
}

/* \a, \newline, \u00e4, \o141: one character, whatever it is, and the rest of its word. */
static enum edn_kind read_char(struct edn_reader *r, size_t at)
{
    static const char *const names[] = {"newline", "space",     "tab",
                                        "return",  "backspace", "formfeed"};
    const char *end = r->in.data + r->in.len;
    size_t first = at + 1 < r->in.len ? json_utf8_len(r->in.data + at + 1, end) : 0;
    size_t stop;
    struct str word;
    size_t i;

    if (first == 0 || (unsigned char)r->in.data[at + 1] <= ' ')
        return fail(r, at + 1, "a character");
    stop = scan_word(r, at + 1 + first);
    if (stop == 0)
        return EDN_ERROR;
    word = slice(r, at + 1, stop);
    if (word.len == first)
        return accept(r, stop, EDN_CHAR, word);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_is(word, names[i]))
            return accept(r, stop, EDN_CHAR, word);
    for (i = 1; i < word.len && json_is_hex(word.data[i]); i++)
        if (word.data[0] == 'o' && (word.data[i] > '7' || word.len > 4))
            break;
    if ((word.data[0] == 'u' ? word.len == 5 : word.data[0] == 'o') && i == word.len)
        return accept(r, stop, EDN_CHAR, word);
    return fail(r, at,
                "a character: \\a, \\newline, \\space, \\tab, \\return, \\backspace, \\formfeed, "
                "\\uXXXX or \\oNNN");
}

static size_t scan_digits(const struct edn_reader *r, size_t at)
{
    while (is_digit_at(r, at))
        at++;
    return at;
}

static enum edn_kind end_number(struct edn_reader *r, size_t from, size_t stop, enum edn_kind kind)
{
    if (stop < r->in.len && !is_end_of_word(r->in.data[stop]))
        return fail(r, stop, "the end of the number, or a blank behind it");
    return accept(r, stop, kind, slice(r, from, stop));
}

static bool is_at(const struct edn_reader *r, size_t at, const char *any)
{
    return at < r->in.len && r->in.data[at] != '\0' && strchr(any, r->in.data[at]) != NULL;
}

/* at stands on a sign or a digit. */
static enum edn_kind read_number(struct edn_reader *r, size_t from)
{
    size_t digits = from + (is_at(r, from, "+-") ? 1 : 0);
    size_t at = scan_digits(r, digits);
    enum edn_kind kind = EDN_INTEGER;
    bool is_whole = at == r->in.len || is_end_of_word(r->in.data[at]);

    if (is_whole && (r->in.data[digits] != '0' || at == digits + 1))
        return accept(r, at, EDN_INTEGER, slice(r, from, at)); /* nearly always */
    if (at == digits + 1 && r->in.data[digits] == '0' && is_at(r, at, "xX")) {
        size_t hex = ++at;
        while (at < r->in.len && json_is_hex(r->in.data[at]))
            at++;
        if (at == hex || at - hex > 15)
            return fail(r, at == hex ? at : hex, "one to fifteen hexadecimal digits");
        return end_number(r, from, at, EDN_INTEGER);
    }
    if (at > digits + 1 && r->in.data[digits] == '0')
        return fail(r, digits, "a number that does not begin with 0");
    if (is_at(r, at, "/")) {
        if (!is_digit_at(r, at + 1))
            return fail(r, at + 1, "a digit");
        return end_number(r, from, scan_digits(r, at + 1), EDN_RATIO);
    }
    if (is_at(r, at, "N"))
        return end_number(r, from, at + 1, EDN_INTEGER);
    if (is_at(r, at, ".")) {
        kind = EDN_REAL;
        at = scan_digits(r, at + 1);
    }
    if (is_at(r, at, "eE")) {
        kind = EDN_REAL;
        at += is_at(r, at + 1, "+-") ? 2 : 1;
        if (!is_digit_at(r, at))
            return fail(r, at, "a digit");
        at = scan_digits(r, at);
    }
    if (is_at(r, at, "M")) {
        kind = EDN_REAL;
        at++;
    }
    return end_number(r, from, at, kind);
}

static enum edn_kind open_container(struct edn_reader *r, size_t at, size_t len, char closer,
                                    enum edn_kind kind)
{
    if (r->depth + r->discards >= EDN_DEPTH_MAX)
        return fail(r, at, want_depth);
    r->open[r->depth].closer = closer;
    r->open[r->depth].is_odd = false;
    r->open[r->depth].start = at;
    r->depth++;
    r->wants_form = false;
    r->at = at + len;
    r->text = (struct str){NULL, 0};
    return r->kind = kind;
}

static const char *closer_wanted(char closer)
{
    return closer == ')'   ? "a form or \")\""
           : closer == ']' ? "a form or \"]\""
                           : "a form or \"}\"";
}

static enum edn_kind close_container(struct edn_reader *r, size_t at)
{
    char closer = r->depth > 0 ? r->open[r->depth - 1].closer : '\0';

    if (r->wants_form)
        return fail(r, at, want_form);
    if (closer == '\0')
        return fail(r, at, "a form or the end; nothing is open here");
    if (r->in.data[at] != closer)
        return fail(r, at, closer_wanted(closer));
    /* A set closes as a map does, but may hold an odd number of forms. */
    if (closer == '}' && r->open[r->depth - 1].is_odd &&
        r->in.data[r->open[r->depth - 1].start] != '#')
        return fail(r, at, "the value of the map's last key");
    r->depth--;
    r->at = at + 1;
    r->text = (struct str){NULL, 0};
    end_form(r);
    return r->kind = EDN_CLOSE;
}

/* #_ at at: over the form that it takes away. */
static bool discard(struct edn_reader *r, size_t at)
{
    bool wanted = r->wants_form;
    bool was_odd = r->depth > 0 && r->open[r->depth - 1].is_odd;
    bool is_form;

    if (r->depth + r->discards >= EDN_DEPTH_MAX) {
        fail(r, at, want_depth);
        return false;
    }
    r->discards++;
    r->at = at + 2;
    r->wants_form = true;
    edn_next(r);
    is_form = edn_skip(r);
    r->discards--;
    if (!is_form)
        return false;
    r->wants_form = wanted;
    if (r->depth > 0 && PLANT_EDN != 1)
        r->open[r->depth - 1].is_odd = was_odd;
    return true;
}

static enum edn_kind read_hash(struct edn_reader *r, size_t at)
{
    size_t stop;

    if (is_at(r, at + 1, "{"))
        return open_container(r, at, 2, '}', EDN_SET);
    if (is_at(r, at + 1, "\"")) /* a regular expression */
        return read_string(r, at + 1);
    if (is_at(r, at + 1, "#")) {
        stop = scan_word(r, at + 2);
        if (stop == 0)
            return EDN_ERROR;
        if (!str_is(slice(r, at + 2, stop), "Inf") && !str_is(slice(r, at + 2, stop), "-Inf") &&
            !str_is(slice(r, at + 2, stop), "NaN"))
            return fail(r, at, "##Inf, ##-Inf or ##NaN");
        return accept(r, stop, EDN_REAL, slice(r, at + 2, stop));
    }
    stop = scan_word(r, at + 1);
    if (stop == 0)
        return EDN_ERROR;
    if (stop == at + 1)
        return fail(r, stop, "a tag, as in #inst \"...\"");
    r->at = stop;
    r->text = slice(r, at + 1, stop);
    r->wants_form = true;
    return r->kind = EDN_TAG;
}

static enum edn_kind read_end(struct edn_reader *r)
{
    if (r->depth > 0)
        return fail(r, r->in.len, closer_wanted(r->open[r->depth - 1].closer));
    if (r->wants_form)
        return fail(r, r->in.len, want_form);
    r->text = (struct str){NULL, 0};
    r->at = r->in.len;
    return r->kind = EDN_END;
}

/* The token at r->at, where no blank stands. */
static enum edn_kind read_token(struct edn_reader *r)
{
    size_t at = r->at;
    char c = r->in.data[at];

    r->start = at;
    switch (c) {
    case '(':
        return open_container(r, at, 1, ')', EDN_LIST);
    case '[':
        return open_container(r, at, 1, ']', EDN_VECTOR);
    case '{':
        return open_container(r, at, 1, '}', EDN_MAP);
    case ')':
    case ']':
    case '}':
        return close_container(r, at);
    case '"':
        return read_string(r, at);
    case ':':
        return read_keyword(r, at);
    case '\\':
        return read_char(r, at);
    case '#':
        return read_hash(r, at);
    default:
        if (json_is_digit(c) || ((c == '-' || c == '+') && is_digit_at(r, at + 1)))
            return read_number(r, at);
        return read_word(r, at);
    }
}

enum edn_kind edn_next(struct edn_reader *r)
{
    if (r->kind == EDN_ERROR)
        return EDN_ERROR;
    for (;;) {
        while (r->at < r->in.len && is_blank(r->in.data[r->at]))
            r->at++;
        if (r->at == r->in.len)
            return read_end(r);
        if (r->in.data[r->at] == ';') {
            const char *newline = memchr(r->in.data + r->at, '\n', r->in.len - r->at);
            r->at = newline != NULL ? (size_t)(newline - r->in.data) : r->in.len;
        } else if (r->in.data[r->at] == '#' && is_at(r, r->at + 1, "_")) {
            if (!discard(r, r->at))
                return EDN_ERROR;
        } else {
            return read_token(r);
        }
    }
}

bool edn_skip(struct edn_reader *r)
{
    int depth;

    while (r->kind == EDN_TAG)
        edn_next(r);
    if (r->kind < EDN_LIST)
        return r->kind != EDN_ERROR && r->kind != EDN_END;
    ASSERT(r->kind != EDN_CLOSE);
    depth = r->depth - 1;
    while (r->kind != EDN_ERROR && r->depth > depth)
        edn_next(r);
    return r->kind != EDN_ERROR;
}

/* From the place of a fault to a sentence for the learner whose program wrote the line.
 *
 * Columns count characters, as editors do; the text before a fault is sound UTF-8. Nothing of the
 * line is repeated but the one character at fault, and that only if it can be printed. */
#include "json.h"

#include "err.h"
#include "json_scan.h"

#include <stdio.h>
#include <string.h>

const char json_want_depth[] = "nothing nested deeper than 64";
const char json_want_quote[] = "the closing quote";
const char json_want_escape[] = "one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
const char json_want_no_control[] = "an escape in place of a control character";
const char json_want_utf8[] = "valid UTF-8";
const char json_want_end[] = "the end of the line";

static size_t column_of(struct str in, size_t at)
{
    size_t column = 1;
    size_t i;

    for (i = 0; i < at; i++)
        if (((unsigned char)in.data[i] & 0xc0) != 0x80)
            column++;
    return column;
}

/* What is still open at the end of a sound beginning: the innermost string, array or object. */
static char innermost(struct str in, size_t len, size_t *ret_start)
{
    size_t starts[JSON_DEPTH_MAX + 1];
    size_t open = 0;
    size_t i;

    for (i = 0; i < len; i++) {
        char c = in.data[i];
        if (c == '"') {
            const char *stop = json_scan_string(in.data + i + 1, in.data + len);
            if (stop == in.data + len || *stop != '"') {
                *ret_start = i;
                return '"';
            }
            i = (size_t)(stop - in.data);
        } else if (c == '{' || c == '[') {
            starts[open++] = i;
        } else if (c == '}' || c == ']') {
            open--;
        }
    }
    if (open == 0)
        return '\0';
    *ret_start = starts[open - 1];
    return in.data[*ret_start];
}

static void explain_end(const struct json_reader *r, struct err *err)
{
    size_t start = 0;
    char what = innermost(r->in, r->at, &start);

    if (what == '"')
        err_set(err, ERR_INPUT, "the line ends inside a string that began in column %zu",
                column_of(r->in, start));
    else if (what != '\0')
        err_set(err, ERR_INPUT, "the line ends before the %s that began in column %zu is closed",
                what == '{' ? "object" : "array", column_of(r->in, start));
    else
        err_set(err, ERR_INPUT, "the line ends where %s was expected", r->error);
}

/* The character at the fault, fit to be printed. */
static void name_found(struct str in, size_t at, char *into, size_t size)
{
    const char *p = in.data + at;
    size_t len = json_utf8_len(p, in.data + in.len);
    unsigned char byte = (unsigned char)*p;

    if (byte == '"')
        snprintf(into, size, "a string");
    else if (len == 0 || byte < 0x20 || byte == 0x7f)
        snprintf(into, size, "byte 0x%02x", byte);
    else if (byte == 0xc2 && (unsigned char)p[1] < 0xa0) /* more control characters */
        snprintf(into, size, "U+%04X", (unsigned char)p[1]);
    else if (len == 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) /* what some editors put in front */
        snprintf(into, size, "U+FEFF (a byte order mark)");
    else
        snprintf(into, size, "\"%.*s\"", (int)len, p);
}

/* True if the escape at the fault might have become a good one, had the line not ended. */
static bool is_cut_escape(struct str in, size_t at)
{
    size_t i = at + 1;

    if (i < in.len && in.data[i] == 'u') {
        do
            i++;
        while (i < in.len && json_is_hex(in.data[i]));
    }
    return i == in.len;
}

int json_explain(const struct json_reader *r, struct err *err)
{
    const char *wanted = r->error;
    size_t column = column_of(r->in, r->at);
    unsigned char byte;
    char found[32];

    if (r->at == r->in.len || (wanted == json_want_escape && is_cut_escape(r->in, r->at))) {
        explain_end(r, err);
        return ERR_INPUT;
    }
    byte = (unsigned char)r->in.data[r->at];
    name_found(r->in, r->at, found, sizeof(found));
    if (wanted == json_want_depth)
        return err_set(err, ERR_INPUT, "column %zu: nested deeper than %d", column, JSON_DEPTH_MAX);
    if (wanted == json_want_no_control)
        return err_set(err, ERR_INPUT,
                       "column %zu: found byte 0x%02x in a string: a control character must be "
                       "written as an escape, \\u%04x",
                       column, byte, byte);
    if (wanted == json_want_utf8 || json_utf8_len(r->in.data + r->at, r->in.data + r->in.len) == 0)
        return err_set(err, ERR_INPUT, "byte 0x%02x at column %zu is not valid UTF-8", byte,
                       column);
    if (wanted == json_want_escape)
        return err_set(err, ERR_INPUT, "column %zu: found a backslash where %s was expected",
                       column, wanted);
    if (wanted == json_want_end)
        return err_set(err, ERR_INPUT, "column %zu: found %s after the end of the value", column,
                       found);
    if (json_is_digit((char)byte) && r->at > 0 && r->in.data[r->at - 1] == '0')
        return err_set(err, ERR_INPUT, "column %zu: a number other than 0 does not begin with 0",
                       column_of(r->in, r->at - 1));
    if (byte == '\'')
        return err_set(err, ERR_INPUT,
                       "column %zu: found \"'\" where %s was expected: JSON strings take double "
                       "quotes",
                       column, wanted);
    return err_set(err, ERR_INPUT, "column %zu: found %s where %s was expected", column, found,
                   wanted);
}

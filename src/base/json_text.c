/* Strings and numbers of JSON, from and to what they mean. */
#include "json.h"

#include "json_scan.h"
#include "mem.h"

#include <stdlib.h>
#include <string.h>

bool json_to_i64(struct str number, int64_t *ret_value)
{
    size_t sign = number.len > 0 && number.data[0] == '-' ? 1 : 0;

    if (number.len > sign + 1 && number.data[sign] == '0')
        return false;
    return str_to_i64(number, ret_value);
}

double json_to_double(struct str number)
{
    char small[64];
    char *copy = small;
    double value;

    if (number.len >= sizeof(small))
        copy = mem_alloc(number.len + 1);
    memcpy(copy, number.data, number.len); /* strtod wants a final 0 */
    copy[number.len] = '\0';
    value = strtod(copy, NULL);
    if (copy != small)
        mem_free(copy);
    return value;
}

static void add_utf8(struct buf *out, uint32_t code)
{
    char bytes[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t i;

    for (i = len - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    bytes[0] = (char)(leads[len] | code);
    buf_add(out, bytes, len);
}

enum { REPLACEMENT = 0xfffd };

/* The four digits of the \uXXXX at p, or -1 if there is none. */
static int32_t unicode_escape(const char *p, const char *end)
{
    int32_t code = 0;
    int i;

    if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
        return -1;
    for (i = 2; i < 6; i++) {
        char c = p[i];
        int digit = json_is_digit(c)         ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0)
            return -1;
        code = code << 4 | digit;
    }
    return code;
}

/* Adds what the escape at p means; gives the place behind it. */
static const char *add_escape(struct buf *out, const char *p, const char *end)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    int32_t code = unicode_escape(p, end);
    int32_t low;

    if (code < 0) {
        const char *letter = end - p < 2 || p[1] == '\0' ? NULL : strchr(letters, p[1]);
        if (letter == NULL) { /* not the inside of a sound string: taken as it stands */
            buf_add_char(out, '\\');
            return p + 1;
        }
        buf_add_char(out, meanings[letter - letters]);
        return p + 2;
    }
    p += 6;
    low = code >= 0xd800 && code < 0xdc00 ? unicode_escape(p, end) : -1;
    if (low >= 0xdc00 && low < 0xe000) {
        add_utf8(out, 0x10000 + ((uint32_t)(code - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
        return p + 6;
    }
    add_utf8(out, code >= 0xd800 && code < 0xe000 ? REPLACEMENT : (uint32_t)code);
    return p;
}

void json_unescape(struct buf *out, struct str inside)
{
    const char *p = inside.data;
    const char *end = p + inside.len;

    while (p < end) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const char *stop = escape != NULL ? escape : end;
        buf_add(out, p, (size_t)(stop - p));
        p = escape != NULL ? add_escape(out, escape, end) : end;
    }
}

bool json_string_is(struct str inside, const char *text)
{
    struct buf plain = {0};
    bool same;

    if (inside.len == 0 || memchr(inside.data, '\\', inside.len) == NULL)
        return str_is(inside, text);
    json_unescape(&plain, inside);
    same = str_is(buf_str(&plain), text);
    buf_release(&plain);
    return same;
}

static void quote_control(struct buf *out, char c)
{
    static const char controls[] = "\b\f\n\r\t";
    static const char letters[] = "bfnrt";
    const char *known = c != '\0' ? strchr(controls, c) : NULL;

    if (known != NULL) {
        buf_add_char(out, '\\');
        buf_add_char(out, letters[known - controls]);
    } else {
        buf_addf(out, "\\u%04x", (unsigned char)c);
    }
}

void json_quote(struct buf *out, struct str text)
{
    const char *p = text.data;
    const char *end = text.len > 0 ? p + text.len : p;

    buf_reserve(out, text.len + 2);
    buf_add_char(out, '"');
    while (p < end) {
        const char *start = p;
        size_t len = 1;
        while (p < end && (signed char)*p >= 0x20 && *p != '"' && *p != '\\')
            p++;
        buf_add(out, start, (size_t)(p - start));
        if (p == end)
            break;
        if (*p == '"' || *p == '\\') {
            buf_add_char(out, '\\');
            buf_add_char(out, *p);
        } else if ((unsigned char)*p < 0x20) {
            quote_control(out, *p);
        } else if ((len = json_utf8_len(p, end)) > 0) {
            buf_add(out, p, len);
        } else {
            add_utf8(out, REPLACEMENT);
            len = 1;
        }
        p += len;
    }
    buf_add_char(out, '"');
}

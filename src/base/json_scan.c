/* The grammar of RFC 8259, once, for every reader of JSON in eddy.
 *
 * Shaped for message lines of 80 to 200 bytes, most of them short strings and small numbers; the
 * whole line is checked, UTF-8 included, because a checker must be able to trust what it is given.
 * So: no call per byte, no memory, no recursion (a bit per open container says what it is, which
 * is why nesting ends at 64), and no bookkeeping for error messages: a broken line is read again
 * by json_reader, which finds the place at leisure. That both see the same language is what
 * tests/fuzz_json.c is for.
 *
 * Strings are crossed 16 bytes at a time where the processor can and as many remain. One signed
 * comparison finds both kinds of special bytes: control characters and, negative as signed bytes,
 * those of UTF-8. */
#include "json_scan.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static bool is_continuation(const char *p, const char *end)
{
    return p < end && ((unsigned char)*p & 0xc0) == 0x80;
}

/* Table 3-7 of the Unicode standard: no overlong forms, no surrogates, nothing over 10FFFF. */
size_t json_utf8_len(const char *p, const char *end)
{
    unsigned char lead = (unsigned char)*p;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    size_t len;
    size_t i;

    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    len = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead == 0xe0)
        low = 0xa0;
    else if (lead == 0xed)
        high = 0x9f;
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f;
    if (end - p < 2 || (unsigned char)p[1] < low || (unsigned char)p[1] > high)
        return 0;
    for (i = 2; i < len; i++)
        if (!is_continuation(p + i, end))
            return 0;
    return len;
}

static bool is_plain(char c)
{
    return (signed char)c >= 0x20 && c != '"' && c != '\\';
}

/* To the next quote, backslash, control byte or byte outside ASCII; or end. */
static inline const char *scan_plain(const char *p, const char *end)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i space = _mm_set1_epi8(' ');

    while (end - p >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i special = _mm_or_si128(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)),
            _mm_cmplt_epi8(bytes, space));
        int mask = _mm_movemask_epi8(special);
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
        p += 16;
    }
#endif
    while (p < end && is_plain(*p))
        p++;
    return p;
}

/* The length of the escape whose backslash is at p, or 0. */
static size_t escape_len(const char *p, const char *end)
{
    int i;

    if (end - p < 2)
        return 0;
    if (p[1] != 'u')
        return p[1] != '\0' && strchr("\"\\/bfnrt", p[1]) != NULL ? 2 : 0;
    if (end - p < 6)
        return 0;
    for (i = 2; i < 6; i++)
        if (!json_is_hex(p[i]))
            return 0;
    return 6;
}

const char *json_scan_string(const char *p, const char *end)
{
    for (;;) {
        size_t len;
        p = scan_plain(p, end);
        if (p == end || *p == '"')
            return p;
        if (*p == '\\')
            len = escape_len(p, end);
        else if ((unsigned char)*p >= 0x80)
            len = json_utf8_len(p, end);
        else
#ifdef PLANT_JSON /* tests/planted/json.sh: a tab within a string passes */
            len = *p == '\t';
#else
            len = 0;
#endif
        if (len == 0)
            return p;
        p += len;
    }
}

static const char *scan_digits(const char *p, const char *end)
{
    while (p < end && json_is_digit(*p))
        p++;
    return p;
}

const char *json_scan_number(const char *p, const char *end)
{
    if (p < end && *p == '-')
        p++;
    if (p < end && *p == '0')
        p++; /* a digit behind it belongs to nothing, and so is found by whoever reads on */
    else
        p = scan_digits(p, end);
    if (p == end || !json_is_digit(p[-1]))
        return p;
    if (*p == '.') {
        p = scan_digits(p + 1, end);
        if (p == end || !json_is_digit(p[-1]))
            return p;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        p = scan_digits(p, end);
    }
    return p;
}

const char *json_scan_word(const char *p, const char *end, const char **ret_word)
{
    const char *word = *p == 't' ? "true" : *p == 'f' ? "false" : *p == 'n' ? "null" : NULL;

    *ret_word = word;
    if (word == NULL)
        return p;
    while (p < end && *word != '\0' && *p == *word) {
        p++;
        word++;
    }
    return p;
}

static const char *scan_scalar(const char *p, const char *end)
{
    const char *start = p;
    const char *word;

    if (*p == '"') {
        p = json_scan_string(p + 1, end);
        return p < end && *p == '"' ? p + 1 : NULL;
    }
    if (*p == '-' || json_is_digit(*p)) {
        p = json_scan_number(p, end);
        return json_is_digit(p[-1]) ? p : NULL;
    }
    p = json_scan_word(p, end, &word);
    return word != NULL && (size_t)(p - start) == strlen(word) ? p : NULL;
}

const char *json_scan_key(const char *p, const char *end, const char **ret_key,
                          const char **ret_key_end)
{
    p = json_scan_blanks(p, end);
    if (p == end || *p != '"')
        return NULL;
    *ret_key = ++p;
    p = json_scan_string(p, end);
    if (p == end || *p != '"')
        return NULL;
    *ret_key_end = p;
    p = json_scan_blanks(p + 1, end);
    if (p == end || *p != ':')
        return NULL;
    return json_scan_blanks(p + 1, end);
}

const char *json_scan_value(const char *p, const char *end, int room)
{
    uint64_t is_object = 0; /* bit 0: the innermost open container; bit 1: the one around it ... */
    int open = 0;
    const char *key;
    const char *key_end;

    for (;;) {
        p = json_scan_blanks(p, end);
        if (p == end)
            return NULL;
        if (*p == '{' || *p == '[') {
            if (open == room)
                return NULL;
            open++;
            is_object = is_object << 1 | (*p == '{');
            p = json_scan_blanks(p + 1, end);
            if (p == end)
                return NULL;
            if (*p != (is_object & 1 ? '}' : ']')) {
                if (is_object & 1 && (p = json_scan_key(p, end, &key, &key_end)) == NULL)
                    return NULL;
                continue;
            }
        } else {
            p = scan_scalar(p, end);
            if (p == NULL)
                return NULL;
        }

        /* Behind a value: closers lead outwards, a comma to the next value. */
        for (;;) {
            if (open == 0)
                return p;
            p = json_scan_blanks(p, end);
            if (p == end)
                return NULL;
            if (*p == ',')
                break;
            if (*p != (is_object & 1 ? '}' : ']'))
                return NULL;
            p++;
            is_object >>= 1;
            open--;
        }
        p++;
        if (is_object & 1 && (p = json_scan_key(p, end, &key, &key_end)) == NULL)
            return NULL;
    }
}

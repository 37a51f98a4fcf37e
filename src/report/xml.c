#include "xml.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The length of the character at data, or 0 if it is not UTF-8 (RFC 3629: shortest form only,
 * no surrogates, nothing beyond U+10FFFF). */
static size_t utf8_decode(const unsigned char *data, size_t len, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = data[0];
    size_t need = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t code;

    if (need == 0 || need > len || first > 0xf4)
        return 0;
    code = need == 1 ? first : first & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (data[i] & 0x3fu);
    }
    if (code < least[need] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return need;
}

/* Characters that XML 1.0 forbids or that reorder the text around them. */
static bool is_unwelcome(uint32_t code)
{
    if (code < 0x20)
        return code != '\t' && code != '\n';
    return (code >= 0x7f && code <= 0x9f) || (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) ||
           (code & 0xfffe) == 0xfffe;
}

static const char *entity_of(uint32_t code)
{
    switch (code) {
    case '&':
        return "&amp;";
    case '<':
#if PLANT_REPORT == 1
        return "<";
#endif
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return is_unwelcome(code) ? "\xef\xbf\xbd" : NULL;
    }
}

void xml_text(struct buf *out, struct str text)
{
    size_t plain = 0; /* where the run of characters that stay as they are began */
    size_t at = 0;

    while (at < text.len) {
        uint32_t code = 0;
        size_t len = utf8_decode((const unsigned char *)text.data + at, text.len - at, &code);
        const char *entity = len == 0 ? "\xef\xbf\xbd" : entity_of(code);

        if (entity != NULL) {
            buf_add(out, text.data + plain, at - plain);
            buf_add_text(out, entity);
            plain = at + (len == 0 ? 1 : len);
        }
        at += len == 0 ? 1 : len;
    }
    if (text.len > plain)
        buf_add(out, text.data + plain, text.len - plain);
}

/* How many of the first bytes_max bytes to take so that no character is torn. */
static size_t whole_characters(struct str text, size_t bytes_max)
{
    size_t len = bytes_max;

    if (text.len <= bytes_max)
        return text.len;
    while (len > 0 && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

void xml_cut(struct buf *out, struct str text, size_t bytes_max)
{
    char count[COUNT_TEXT_MAX];
    size_t len = whole_characters(text, bytes_max);

    xml_text(out, (struct str){text.data, len});
    if (len < text.len)
        buf_addf(out, "… (%s bytes)", count_text(text.len, count));
}

void xml_label(struct buf *out, struct str text, size_t bytes_max)
{
    size_t len = whole_characters(text, bytes_max);

    xml_text(out, (struct str){text.data, len});
    if (len < text.len)
        buf_add_text(out, "…");
}

const char *time_text(int64_t ns, char into[TIME_TEXT_MAX])
{
    double size = fabs((double)ns);

    if (ns == 0)
        snprintf(into, TIME_TEXT_MAX, "0");
    else if (size < 1e3)
        snprintf(into, TIME_TEXT_MAX, "%lld ns", (long long)ns);
    else if (size < 999.5e3)
        snprintf(into, TIME_TEXT_MAX, "%.4g µs", (double)ns / 1e3);
    else if (size < 999.95e6)
        snprintf(into, TIME_TEXT_MAX, "%.4g ms", (double)ns / 1e6);
    else
        snprintf(into, TIME_TEXT_MAX, "%.*f s", size < 1e12 ? 3 : 0, (double)ns / 1e9);
    return into;
}

const char *count_text(uint64_t count, char into[COUNT_TEXT_MAX])
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)count);
    char *at = into;

    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *at++ = ',';
        *at++ = digits[i];
    }
    *at = '\0';
    return into;
}

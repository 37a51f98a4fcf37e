#include "str.h"

#include "assert.h"
#include "mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str str_of(const char *text)
{
    return (struct str){text, strlen(text)};
}

bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool str_is(struct str a, const char *text)
{
    return str_eq(a, str_of(text));
}

int str_cmp(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool str_to_i64(struct str s, int64_t *ret_value)
{
    bool negative = s.len > 0 && s.data[0] == '-';
    size_t i = negative ? 1 : 0;
    int64_t value = 0;

    if (i == s.len)
        return false;
    for (; i < s.len; i++) {
        int digit = s.data[i] - '0';
        if (digit < 0 || digit > 9)
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value)) /* negative: INT64_MIN fits */
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *ret_value = value;
    return true;
}

void buf_release(struct buf *b)
{
    mem_free(b->data);
    *b = (struct buf){0};
}

void buf_reset(struct buf *b)
{
    b->len = 0;
    if (b->data != NULL)
        b->data[0] = '\0';
}

void buf_reserve(struct buf *b, size_t more)
{
    b->data = mem_grow(b->data, &b->cap, b->len + more + 1, 1);
    b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    buf_reserve(b, len);
    if (len > 0)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_add_str(struct buf *b, struct str s)
{
    buf_add(b, s.data, s.len);
}

void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_i64(struct buf *b, int64_t value)
{
    char digits[24];
    char *p = digits + sizeof(digits);
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--p = '-';
    buf_add(b, p, (size_t)(digits + sizeof(digits) - p));
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    ASSERT(len >= 0); /* the format is ours */
    buf_reserve(b, (size_t)len);
    va_start(args, format);
    vsnprintf(b->data + b->len, (size_t)len + 1, format, args);
    va_end(args);
    b->len += (size_t)len;
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->data != NULL ? b->data : "", b->len};
}

char *buf_take(struct buf *b)
{
    char *data = b->data != NULL ? b->data : mem_strdup("");

    *b = (struct buf){0};
    return data;
}

const char *duration_text(int64_t ns, char into[DURATION_TEXT_MAX])
{
    double d = (double)ns;

    if (ns > -1000 && ns < 1000)
        snprintf(into, DURATION_TEXT_MAX, "%lld ns", (long long)ns);
    else if (fabs(d) < 999.95e3) /* from here on it would be rounded to 1000 */
        snprintf(into, DURATION_TEXT_MAX, "%.4g us", d / 1e3);
    else if (fabs(d) < 999.95e6)
        snprintf(into, DURATION_TEXT_MAX, "%.4g ms", d / 1e6);
    else if (fabs(d) < 120e9)
        snprintf(into, DURATION_TEXT_MAX, "%.4g s", d / 1e9);
    else
        snprintf(into, DURATION_TEXT_MAX, "%lld min %lld s", (long long)(ns / 60000000000),
                 llabs(ns / 1000000000 % 60));
    return into;
}

/* What one of the unit at the end of a duration is, or -1. */
static int64_t unit_of(struct str name, int64_t unit_ns)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {
        {"ns", 1},         {"us", 1000},         {"ms", 1000000},
        {"s", 1000000000}, {"min", 60000000000}, {"h", 3600000000000},
    };
    size_t i;

    if (name.len == 0)
        return unit_ns;
    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (str_is(name, units[i].name))
            return units[i].ns;
    return -1;
}

bool duration_parse(struct str text, int64_t unit_ns, int64_t *ret_ns)
{
    const int64_t longest = 290 * 365250LL * 86400 * 1000000; /* 290 years */
    char number[32];
    size_t digits = 0;
    size_t points = 0;
    int64_t unit;
    int64_t ns;

    while (digits < text.len && digits < sizeof(number) - 1 &&
           (text.data[digits] == '.' || (text.data[digits] >= '0' && text.data[digits] <= '9'))) {
        points += text.data[digits] == '.';
        number[digits] = text.data[digits];
        digits++;
    }
    number[digits] = '\0';
    unit = unit_of((struct str){text.data + digits, text.len - digits}, unit_ns);
    if (digits == points || points > 1 || unit < 0)
        return false;

    if (points == 0) { /* exactly, also where a double could not */
        if (!str_to_i64(str_of(number), &ns) || __builtin_mul_overflow(ns, unit, &ns))
            return false;
    } else {
        double about = strtod(number, NULL) * (double)unit;
        if (about > (double)longest)
            return false;
        ns = llround(about);
    }
    if (ns > longest)
        return false;
    *ret_ns = ns;
    return true;
}

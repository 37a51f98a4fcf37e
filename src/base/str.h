/* str.h - a borrowed piece of text, and a buffer that grows.
 *
 * struct str borrows: it is valid as long as whatever it points into. It need not end in 0.
 * struct buf owns its bytes; data is always followed by a 0 that len does not count.
 * The caller that lets a user fill a buf must check its own cap first. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *data;
    size_t len;
};

struct buf {
    char *data; /* NULL until the first byte */
    size_t len;
    size_t cap;
};

/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).len, (s).data
#define STR_LIT(literal) ((struct str){literal, sizeof(literal) - 1})

struct str str_of(const char *text); /* text ends in 0 */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *text);
int str_cmp(struct str a, struct str b); /* bytewise, shorter first */
/* Reads a whole decimal integer; false if text is anything else or out of range. */
bool str_to_i64(struct str s, int64_t *ret_value);

void buf_release(struct buf *b);
void buf_reset(struct buf *b); /* empty; keeps the memory */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_add_str(struct buf *b, struct str s);
void buf_add_text(struct buf *b, const char *text);
void buf_add_char(struct buf *b, char c);
void buf_add_i64(struct buf *b, int64_t value);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct str buf_str(const struct buf *b); /* borrowed until the next change */
char *buf_take(struct buf *b);           /* the bytes become the caller's (mem_free); b is empty */

/* A duration for people: "340 ns", "1.25 ms", "3.2 s", "2 min 5 s". Returns into. */
enum { DURATION_TEXT_MAX = 32 };
const char *duration_text(int64_t ns, char into[DURATION_TEXT_MAX]);

/* Reads "100", "1.5ms", "250us", "2s", "1min", "1h"; a bare number counts in unit_ns.
 * False if it is anything else, negative or over 290 years. */
bool duration_parse(struct str text, int64_t unit_ns, int64_t *ret_ns);

#endif

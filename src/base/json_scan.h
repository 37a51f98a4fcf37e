/* json_scan.h - the grammar of JSON as pointer moves. Private to the json_*.c files, but for
 * json_utf8_len(), which check/edn.c, run/run_nodes.c and files of web share.
 *
 * Each function reads [p, end) and never past end. json_scan_string() and json_scan_number() say
 * how far the text was good, so the fast path needs one compare and an error keeps its place. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline const char *json_scan_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
        p++;
    return p;
}

static inline bool json_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool json_is_hex(char c)
{
    return json_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* The length (1 to 4) of the UTF-8 character at p < end, or 0 if the bytes there are not one. */
size_t json_utf8_len(const char *p, const char *end);

/* From behind the opening quote to the closing one. Where the string is broken: the offending
 * control byte, backslash or first byte of a bad character, or end. None of these is a quote, so
 * the string is sound exactly if the result is below end and points to a quote. */
const char *json_scan_string(const char *p, const char *end);

/* From the first byte of a number to behind it. Sound exactly if the byte before is a digit. */
const char *json_scan_number(const char *p, const char *end);

/* From "true", "false" or "null", told by the first byte, to behind it or the wrong byte.
 * *ret_word is the whole word, NULL if the first byte begins none. */
const char *json_scan_word(const char *p, const char *end, const char **ret_word);

/* From an object's key to its value: over the string, the colon and blanks. Gives the inside of
 * the string by its ends. NULL if broken. p may be at blanks. */
const char *json_scan_key(const char *p, const char *end, const char **ret_key,
                          const char **ret_key_end);

/* Over one value (blanks before it too) with at most room containers inside each other, or NULL
 * if it is broken or nested deeper. */
const char *json_scan_value(const char *p, const char *end, int room);

/* What json_reader.error holds for faults that json_explain() words in a way of their own; told
 * apart by address. */
extern const char json_want_depth[], json_want_quote[], json_want_escape[], json_want_no_control[],
    json_want_utf8[], json_want_end[];

#endif

/* json.h - JSON values: read them, look into them, build them, print them.
 *
 * Memory: every value made here is scratch. It lives until the handler, timer or answer that is
 * running returns; nobody frees it. What must live longer is copied with json_keep() and later
 * released with json_free(). Kept values may be put into scratch ones, never the other way round.
 *
 * Every function takes NULL for "no such value", so json_int_of(json_get(body, "delta"), 0) is safe
 * whatever body holds. Numbers that are no 64-bit integers keep their text and go out as they came.
 * Strings end in a 0 byte and carry their length too. Not thread-safe, by design. */
#ifndef KIT_JSON_H
#define KIT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type {
    JSON_NULL,
    JSON_BOOL,
    JSON_INT,
    JSON_REAL, /* any other number: string and len hold its text */
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

enum { JSON_DEPTH_MAX = 100 }; /* deeper texts are refused */

struct json_member {
    const char *key;
    uint32_t key_len; /* bytes; a key may hold 0 bytes as any string */
    struct json *value;
};

struct json {
    enum json_type type;
    uint32_t len; /* bytes of a string, items of an array, members of an object */
    uint32_t cap; /* room for items or members; 0 in kept values */
    union {
        bool boolean;
        int64_t integer;
        const char *string;
        struct json **items;
        struct json_member *members;
    };
};

/* Look. */
struct json *json_get(const struct json *object, const char *key); /* NULL: not there */
struct json *json_at(const struct json *array, size_t index);      /* NULL: not there */
size_t json_len(const struct json *array);                         /* 0: no array or object */
int64_t json_int_of(const struct json *v, int64_t otherwise);
const char *json_text_of(const struct json *v); /* NULL: not a string */
bool json_is_null(const struct json *v);        /* null, or no value at all */
bool json_equal(const struct json *a, const struct json *b);

/* Build. Texts are copied; values are not. */
struct json *json_null(void);
struct json *json_bool(bool b);
struct json *json_int(int64_t i);
struct json *json_string(const char *text);
struct json *json_array(void);
struct json *json_object(void);
void json_push(struct json *array, struct json *v);                  /* NULL is pushed as null */
void json_set(struct json *object, const char *key, struct json *v); /* replaces */

/* Keep: one block of memory with a copy of everything in v. */
struct json *json_keep(const struct json *v);
void json_free(struct json *kept); /* NULL is fine */

/* Text. A json_text grows as needed; start with all zero. */
struct json_text {
    char *bytes;
    size_t len, cap;
};
void json_append(struct json_text *out, const char *bytes, size_t len);
void json_append_int(struct json_text *out, int64_t i);
void json_append_string(struct json_text *out, const char *bytes, size_t len); /* quoted */
void json_print(struct json_text *out, const struct json *v);
const char *json_show(const struct json *v); /* scratch text, for logs and keys of tables */

/* Parses in place: text[len] must be writable and is set to 0, strings of the result point into
 * text. NULL: not JSON, which includes what is not UTF-8. */
struct json *json_parse(char *text, size_t len);

/* Scratch memory for other texts; json_reset() is called by the event loop. */
void *json_scratch(size_t size);
void json_reset(void);

#endif

/* schema.h - what every request looks like, said once.
 *
 * Handlers read no field that was not checked here: what they get is a new body that holds exactly
 * the fields listed, whole numbers as integers however they were spelled, and defaults filled in.
 */
#ifndef MESSENGER_SCHEMA_H
#define MESSENGER_SCHEMA_H

#include <stdbool.h>
#include <stdint.h>

struct json;
struct request;

enum { FIELDS_MAX = 6 };

enum field_kind {
    FIELD_NONE,    /* end of the list */
    FIELD_ANY,     /* any value */
    FIELD_INTEGER, /* a number with an integral value, low <= it <= high */
    FIELD_CHANCE,  /* a number, 0 <= it <= 1 */
    FIELD_MEMBER,  /* the name of a member */
    FIELD_PATH,    /* a list of names of members */
    FIELD_REQUEST, /* an object whose type is a string */
    FIELD_CALLS,   /* a list of objects with target (member) and inner (request) */
};

struct field {
    const char *name;
    enum field_kind kind;
    int64_t low, high;
    bool optional;
    int64_t otherwise; /* the value of an optional field that is not there */
};

struct schema {
    const char *type;
    void (*handler)(const struct request *r);
    bool once; /* has an effect, so a repeat is answered from memory (dedupe.h) */
    struct field fields[FIELDS_MAX];
};

const struct schema *schema_find(const char *type); /* NULL: no such request */

/* A checked copy of body, in scratch memory; or NULL, and the first bad field in schema order. */
struct json *schema_check(const struct schema *s, const struct json *body,
                          const char **ret_bad_field);

double schema_number_of(const struct json *v); /* 0 if v is no number */

#endif

/* json.h - JSON text, without building a tree.
 *
 * Three readers over one tokenizer: json_envelope() checks a whole line and finds the parts of a
 * message in it (the hot path: no allocation, no copy); struct json_reader walks a text token by
 * token, for checkers and for Lua; json_canonical() gives equal values equal texts. Trees that
 * are to be kept or printed are jansson's.
 *
 * Accepts exactly RFC 8259, valid UTF-8 only, nested at most JSON_DEPTH_MAX deep. Numbers keep
 * their text, so integers of any size survive. Duplicate keys: the last one counts. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "str.h"

struct err;

enum { JSON_DEPTH_MAX = 64 };

/* Parts of one message; all borrowed from the line, data NULL where absent. Texts of strings are
 * without quotes and still escaped (names and types that need escapes compare by unescaping
 * first: see json_unescape). A part that is not of its proper kind is there as its whole text. */
struct json_envelope {
    struct str src; /* the string's inside; src_is_string says whether it was a string */
    struct str dest;
    struct str body;        /* whole value of "body", braces included */
    struct str type;        /* body.type, inside of the string */
    struct str in_reply_to; /* body.in_reply_to: the number's text; data NULL if absent */
    struct str msg_id;      /* body.msg_id, likewise */
    bool body_is_object;
    bool src_is_string, dest_is_string, type_is_string;
    bool in_reply_to_is_integer, msg_id_is_integer;
};

/* Checks the whole line. ERR_INPUT: not a JSON object; err says the column (from 1), what stands
 * there and what JSON wants. Columns count characters, as editors do. A missing or odd part is no
 * failure here: the fields above say it. */
int json_envelope(struct str line, struct json_envelope *ret_envelope, struct err *err);

enum json_kind {
    JSON_AT_END,   /* after the whole value */
    JSON_AT_ERROR, /* the text is not JSON; see reader.error and reader.at */
    JSON_AT_NULL,
    JSON_AT_TRUE,
    JSON_AT_FALSE,
    JSON_AT_NUMBER, /* text: as written */
    JSON_AT_STRING, /* text: inside the quotes, still escaped */
    JSON_AT_KEY,    /* likewise; its value follows */
    JSON_AT_ARRAY,  /* [ */
    JSON_AT_ARRAY_END,
    JSON_AT_OBJECT, /* { */
    JSON_AT_OBJECT_END,
};

struct json_reader {
    struct str in;
    size_t at;           /* offset of the next byte; after JSON_AT_ERROR, of the offending one */
    const char *error;   /* after JSON_AT_ERROR: what was wanted there, a static text */
    enum json_kind kind; /* the last token */
    struct str text;     /* of JSON_AT_NUMBER, JSON_AT_STRING and JSON_AT_KEY */
    int depth;
    uint64_t is_object;   /* bit d: the open container inside d others is an object */
    unsigned char expect; /* private to json_reader.c */
};

void json_reader_init(struct json_reader *r, struct str in);
enum json_kind json_next(struct json_reader *r);
/* After JSON_AT_ERROR: the sentence about it in err, as json_envelope() would say it. ERR_INPUT. */
int json_explain(const struct json_reader *r, struct err *err);
/* With the reader just at a value's first token: moves to its last one and gives its whole text.
 * False if the text is broken. */
bool json_skip(struct json_reader *r, struct str *ret_text);

/* The inside of the text in the member of an object with this name, the last of them; empty if
 * there is none, or the text is broken before it. */
struct str json_text_at(struct str object, const char *name);

/* True if text is an integer as JSON writes it (no fraction, no exponent) that fits. */
bool json_to_i64(struct str number, int64_t *ret_value);
double json_to_double(struct str number);

/* Appends the string that the inside of a JSON string means, as UTF-8 (\u0000 gives a 0 byte; lone
 * surrogates give U+FFFD). */
void json_unescape(struct buf *out, struct str inside);
/* True if the inside of a JSON string means just this text. Cheap where nothing is escaped. */
bool json_string_is(struct str inside, const char *text);

/* Appends text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void json_quote(struct buf *out, struct str text);

/* Appends value with object members sorted by key, no blanks, escapes normalized, -0 as 0 for
 * integers and floats in their shortest form (1.0 stays different from 1, as in Maelstrom).
 * False, and nothing appended, if the text is not one JSON value. */
bool json_canonical(struct buf *out, struct str value);

#endif

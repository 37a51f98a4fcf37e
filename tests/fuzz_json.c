/* fuzz_json - holds base/json.h against jansson on generated and mutated lines.
 *
 * usage: fuzz_json [ITERATIONS [SEED]]     exit status 1 and the line if the two differ
 *
 * For every line: the reader, json_skip, json_canonical and json_envelope agree on whether it is
 * JSON, and with jansson; the tree built from the reader's tokens equals jansson's; a canonical
 * text is its own canonical form and means the same; jansson's own ways of writing the value have
 * the same canonical text; the parts of the envelope are jansson's fields.
 *
 * Where jansson is narrower than RFC 8259 it is not asked whether the line is JSON: integers over
 * 64 bits and reals over the range of double, lone surrogates (the grammar of RFC 8259 allows
 * them, section 8.2), 0 bytes in keys, and for us nesting deeper than 64. It is wider in one thing:
 * it may take a bare 0 byte for the end of the text, so a line with one is only held to being no
 * JSON. */
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/prng.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct prng chance;
static struct str line; /* under test */
static uint64_t seed = 1;
static long iteration;
static long count_json, count_objects, count_unjudged;

static void must(bool fine, const char *promise)
{
    struct buf quoted = {0};
    size_t i;

    if (fine)
        return;
    json_quote(&quoted, line);
    fprintf(stderr, "fuzz_json: line %ld of seed %llu: not true: %s\n%s\nbytes:", iteration,
            (unsigned long long)seed, promise, quoted.data);
    for (i = 0; i < line.len; i++)
        fprintf(stderr, " %02x", (unsigned char)line.data[i]);
    fputc('\n', stderr);
    exit(1);
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define PICK(array) ((array)[prng_below(&chance, COUNT_OF(array))])

/* Making lines. */

static const char *const bits[] = {
    "src",
    "dest",
    "body",
    "type",
    "msg_id",
    "in_reply_to",
    "s\\u0072c",
    "b\\u006Fdy",
    "a",
    "b",
    "",
    "n1",
    "c12",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\u001f",
    "\\ud83d\\ude00",
    "\\uFFFF",
    "\xc3\xa4",
    "\xe2\x82\xac",
    "\xf0\x9f\x98\x80",
    "\xef\xbf\xbf",
    "\x7f",
    "some words that take more than sixteen bytes",
};
static const char *const numbers[] = {
    "0",
    "-0",
    "1",
    "17",
    "-4",
    "123456789",
    "9223372036854775807",
    "-9223372036854775808",
    "0.0",
    "-0.0",
    "1.0",
    "1.5",
    "0.1",
    "1e2",
    "1E-2",
    "-2.5e+3",
    "1e308",
    "5e-324",
    "1e-400",
    "2.2250738585072011e-308",
    "0.30000000000000004",
    "100000000000000000000.0",
};
/* Beyond jansson, so made seldom. */
static const char *const rare_bits[] = {"\\u0000", "\\ud800", "\\udc00", "\\ud800\\u0041"};
static const char *const rare_numbers[] = {
    "9223372036854775808",
    "-9223372036854775809",
    "123456789012345678901234567890",
    "1e309",
};
static const char *const blanks[] = {"", "", "", "", "", " ", "\t", "\r", "\n", "  "};
static const char *const shards[] = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\x",
    "0",
    "-",
    ".",
    "e",
    "+",
    "tru",
    "null",
    "NaN",
    "'",
    "\x01",
    "\t",
    "\x1f",
    "\xff",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xe2\x82",
    "\x80",
    "//",
    "01",
    "{}",
    "[]",
    "\"\"",
    ",,",
};

static bool is_rare(void)
{
    return prng_below(&chance, 100) == 0;
}

static void make_string(struct buf *out)
{
    uint64_t n = prng_below(&chance, 8) == 0 ? prng_below(&chance, 6) : 1;

    buf_add_char(out, '"');
    while (n-- > 0)
        buf_add_text(out, is_rare() ? PICK(rare_bits) : PICK(bits));
    buf_add_char(out, '"');
}

static void make_value(struct buf *out, int room);

static void make_members(struct buf *out, int room, uint64_t n)
{
    uint64_t i;

    for (i = 0; i < n; i++) {
        buf_add_text(out, i > 0 ? "," : "");
        buf_add_text(out, PICK(blanks));
        make_string(out);
        buf_add_text(out, PICK(blanks));
        buf_add_char(out, ':');
        make_value(out, room);
    }
}

static void make_value(struct buf *out, int room)
{
    static const char *const words[] = {"null", "true", "false"};
    uint64_t i;
    uint64_t n;

    buf_add_text(out, PICK(blanks));
    switch (prng_below(&chance, room > 0 ? 8 : 5)) {
    case 0:
    case 1:
        make_string(out);
        break;
    case 2:
        buf_add_text(out, PICK(words));
        break;
    case 3:
    case 4:
        buf_add_text(out, is_rare() ? PICK(rare_numbers) : PICK(numbers));
        break;
    case 5:
        buf_add_char(out, '[');
        n = prng_below(&chance, 4);
        for (i = 0; i < n; i++) {
            buf_add_text(out, i > 0 ? "," : "");
            make_value(out, room - 1);
        }
        buf_add_char(out, ']');
        break;
    default:
        buf_add_char(out, '{');
        make_members(out, room - 1, prng_below(&chance, 5));
        buf_add_char(out, '}');
        break;
    }
    buf_add_text(out, PICK(blanks));
}

/* A message, any value, or containers about as deep as they may be. */
static void make_line(struct buf *out)
{
    uint64_t kind = prng_below(&chance, 20);
    uint64_t depth = 62 + prng_below(&chance, 4);
    uint64_t i;

    if (kind == 0) {
        for (i = 0; i < depth; i++)
            buf_add_text(out, i == 1 ? "{\"body\":" : i % 2 == 0 ? "[" : "{\"a\":");
        buf_add_text(out, "1");
        for (i = depth; i-- > 0;)
            buf_add_char(out, i % 2 == 0 ? ']' : '}');
    } else if (kind < 4) {
        make_value(out, 4);
    } else {
        buf_add_text(out, "{\"src\":\"n1\",\"body\":{\"type\":");
        make_string(out);
        buf_add_text(out, ",\"msg_id\":");
        buf_add_text(out, is_rare() ? PICK(rare_numbers) : PICK(numbers));
        buf_add_char(out, ',');
        make_members(out, 3, 1 + prng_below(&chance, 3));
        buf_add_text(out, "},");
        make_members(out, 3, 1 + prng_below(&chance, 3));
        buf_add_char(out, '}');
    }
}

static void splice(struct buf *b, size_t at, size_t drop, const char *data, size_t len)
{
    char *tail = mem_strndup(b->data + at + drop, b->len - at - drop);
    size_t tail_len = b->len - at - drop;

    b->len = at;
    buf_add(b, data, len);
    buf_add(b, tail, tail_len);
    mem_free(tail);
}

static void mutate(struct buf *b)
{
    size_t at = prng_below(&chance, b->len + 1);
    size_t left = b->len - at;
    const char *shard = PICK(shards);
    char byte = (char)prng_below(&chance, 256);

    switch (prng_below(&chance, 6)) {
    case 0:
        splice(b, at, left > 0, &byte, 1);
        break;
    case 1:
        splice(b, at, 0, shard, strlen(shard));
        break;
    case 2:
        splice(b, at, left > 0, shard, strlen(shard));
        break;
    case 3:
        splice(b, at, left > 0, "", 0);
        break;
    case 4:
        splice(b, at, left, "", 0);
        break;
    default:
        splice(b, at, prng_below(&chance, (left < 8 ? left : 8) + 1), "", 0);
        break;
    }
}

/* The reader's tokens as a tree of jansson's; NULL where a number or key is beyond jansson. */
static json_t *build(struct json_reader *r)
{
    struct buf text = {0};
    json_t *value = NULL;
    int64_t integer;

    if (r->kind == JSON_AT_STRING) {
        json_unescape(&text, r->text);
        value = json_stringn(buf_str(&text).data, text.len);
    } else if (r->kind == JSON_AT_NUMBER) {
        if (json_to_i64(r->text, &integer))
            value = json_integer(integer);
        else
            value = json_real(json_to_double(r->text));
    } else if (r->kind == JSON_AT_ARRAY) {
        value = json_array();
        while (json_next(r) != JSON_AT_ARRAY_END)
            json_array_append_new(value, build(r));
    } else if (r->kind == JSON_AT_OBJECT) {
        value = json_object();
        while (json_next(r) == JSON_AT_KEY) {
            buf_reset(&text);
            json_unescape(&text, r->text);
            json_next(r);
            json_object_set_new(value, buf_str(&text).data, build(r));
        }
    } else {
        value = r->kind == JSON_AT_NULL ? json_null() : json_boolean(r->kind == JSON_AT_TRUE);
    }
    buf_release(&text);
    return value;
}

/* True if the reader takes the whole text; *ret_too_deep if depth was all it had against it. */
static bool reader_takes(struct str text, bool *ret_too_deep)
{
    struct json_reader r;
    struct err err = {""};

    json_reader_init(&r, text);
    while (json_next(&r) != JSON_AT_END)
        if (r.kind == JSON_AT_ERROR) {
            must(r.at <= text.len && r.error != NULL, "a fault lies within the line");
            must(json_explain(&r, &err) == ERR_INPUT && err.text[0] != '\0',
                 "a fault is explained");
            *ret_too_deep = strstr(err.text, "nested deeper") != NULL;
            return false;
        }
    *ret_too_deep = false;
    return true;
}

static bool skip_takes(struct str text)
{
    struct json_reader r;
    struct str skipped;

    json_reader_init(&r, text);
    json_next(&r);
    return json_skip(&r, &skipped) && json_next(&r) == JSON_AT_END;
}

static bool beyond_jansson(const json_error_t *error)
{
    return json_error_code(error) == json_error_numeric_overflow ||
           json_error_code(error) == json_error_null_byte_in_key ||
           strncmp(error->text, "invalid Unicode '", 17) == 0;
}

static void same_canonical(json_t *value, size_t flags, struct str canonical)
{
    char *dump = json_dumps(value, flags | JSON_ENCODE_ANY);
    struct buf again = {0};

    must(dump != NULL && json_canonical(&again, str_of(dump)), "what jansson writes is JSON");
    must(str_eq(buf_str(&again), canonical), "equal values have equal canonical texts");
    buf_release(&again);
    free(dump);
}

static void check_value(json_t *theirs, struct str canonical)
{
    struct json_reader r;
    json_t *ours;
    json_t *back =
        json_loadb(canonical.data, canonical.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    json_reader_init(&r, line);
    json_next(&r);
    ours = build(&r);
    must(json_equal(ours, theirs), "the reader gives jansson's value");
    must(json_equal(back, theirs), "the canonical text means the same");
    same_canonical(theirs, JSON_ENSURE_ASCII | JSON_INDENT(2), canonical);
    same_canonical(theirs, JSON_SORT_KEYS | JSON_ESCAPE_SLASH, canonical);
    json_decref(ours);
    json_decref(back);
}

static void check_text_part(json_t *holder, const char *key, struct str part, bool is_string)
{
    json_t *theirs = json_object_get(holder, key);
    struct buf text = {0};

    must((theirs == NULL) == (part.data == NULL), "a part is there if jansson has it");
    must(is_string == json_is_string(theirs), "a part is a string if it is jansson's");
    if (is_string) {
        json_unescape(&text, part);
        must(text.len == json_string_length(theirs) &&
                 memcmp(buf_str(&text).data, json_string_value(theirs), text.len) == 0,
             "a part has jansson's text");
    }
    buf_release(&text);
}

static void check_integer_part(json_t *holder, const char *key, struct str part, bool is_integer)
{
    json_t *theirs = json_object_get(holder, key);
    int64_t value;

    must((theirs == NULL) == (part.data == NULL), "a part is there if jansson has it");
    must(is_integer == json_is_integer(theirs), "a part is an integer if it is jansson's");
    must(!is_integer || (json_to_i64(part, &value) && value == json_integer_value(theirs)),
         "a part has jansson's value");
}

static void check_envelope(json_t *theirs, const struct json_envelope *e)
{
    json_t *body = json_object_get(theirs, "body");
    json_t *ours;

    check_text_part(theirs, "src", e->src, e->src_is_string);
    check_text_part(theirs, "dest", e->dest, e->dest_is_string);
    check_text_part(body, "type", e->type, e->type_is_string);
    check_integer_part(body, "msg_id", e->msg_id, e->msg_id_is_integer);
    check_integer_part(body, "in_reply_to", e->in_reply_to, e->in_reply_to_is_integer);
    must((body == NULL) == (e->body.data == NULL), "a body is there if jansson has it");
    must(e->body_is_object == json_is_object(body), "a body is an object if it is jansson's");
    if (body == NULL)
        return;
    ours = json_loadb(e->body.data, e->body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    must(json_equal(ours, body), "the body has jansson's value");
    json_decref(ours);
}

static void check_line(void)
{
    struct buf canonical = {0};
    struct buf again = {0};
    struct json_envelope e;
    struct err err = {""};
    json_error_t error;
    json_t *theirs = json_loadb(line.data, line.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    bool too_deep;
    bool is_json = reader_takes(line, &too_deep);
    bool is_canonical = json_canonical(&canonical, line);
    bool is_message = json_envelope(line, &e, &err) == 0;
    size_t first = 0;

    while (is_json && strchr(" \t\r\n", line.data[first]) != NULL)
        first++;
    must(skip_takes(line) == is_json, "json_skip takes what the reader takes");
    must(is_canonical == is_json, "json_canonical takes what the reader takes");
    must(is_message == (is_json && line.data[first] == '{'), "json_envelope takes the objects");
    must(is_message || err.text[0] != '\0', "a line that is refused is explained");
    if (is_json)
        must(json_canonical(&again, buf_str(&canonical)) &&
                 str_eq(buf_str(&canonical), buf_str(&again)),
             "a canonical text is its own canonical form");
    if (memchr(line.data, '\0', line.len) != NULL)
        must(!is_json, "a 0 byte is part of no JSON");
    else if (theirs != NULL)
        must(is_json || too_deep, "what jansson takes is JSON");
    else if (!beyond_jansson(&error))
        must(!is_json, "what jansson refuses is not JSON");
    if (theirs != NULL && is_json)
        check_value(theirs, buf_str(&canonical));
    if (theirs != NULL && is_message)
        check_envelope(theirs, &e);
    count_json += is_json;
    count_objects += is_message;
    count_unjudged += is_json && theirs == NULL;
    json_decref(theirs);
    buf_release(&canonical);
    buf_release(&again);
}

int main(int argc, char **argv)
{
    long iterations = argc > 1 ? atol(argv[1]) : 200000;
    struct buf made = {0};

    seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    prng_init(&chance, seed, "fuzz_json");
    for (iteration = 0; iteration < iterations; iteration++) {
        uint64_t mutations = prng_below(&chance, 4);
        char *exact;
        buf_reset(&made);
        make_line(&made);
        while (mutations-- > 0)
            mutate(&made);
        exact = mem_alloc(made.len); /* no final 0, so that ASan sees a read beyond */
        memcpy(exact, buf_str(&made).data, made.len);
        line = (struct str){exact, made.len};
        check_line();
        mem_free(exact);
    }
    buf_release(&made);
    printf("%ld lines: %ld JSON, %ld messages, %ld beyond jansson; no difference\n", iterations,
           count_json, count_objects, count_unjudged);
    return 0;
}

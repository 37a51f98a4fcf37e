/* json.c - JSON values in scratch memory.
 *
 * A node handles a message in microseconds and then needs nothing of it any more. So all values
 * come from chunks that are simply declared empty after each handler: making a value is an
 * addition, and there is nothing to free and nothing to leak. Texts are parsed where they stand:
 * the closing quote of a string becomes its final 0 byte, escapes only ever shrink. */
#include "json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Scratch */

struct chunk {
    struct chunk *next;
    size_t size, used;
    char bytes[];
};

static struct chunk *chunks; /* newest first; the oldest survives json_reset() */

static void *must(void *memory)
{
    if (memory == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

void *json_scratch(size_t size)
{
    void *memory;

    size = (size + 7) & ~(size_t)7;
    if (chunks == NULL || chunks->size - chunks->used < size) {
        size_t want = chunks == NULL ? 64 << 10 : 2 * chunks->size;
        struct chunk *c;

        if (want < size)
            want = size;
        c = must(malloc(sizeof(*c) + want));
        *c = (struct chunk){.next = chunks, .size = want};
        chunks = c;
    }
    memory = chunks->bytes + chunks->used;
    chunks->used += size;
    return memory;
}

void json_reset(void)
{
    while (chunks != NULL && chunks->next != NULL) {
        struct chunk *next = chunks->next;

        free(chunks);
        chunks = next;
    }
    if (chunks != NULL)
        chunks->used = 0;
}

/* Building */

static struct json *value_new(enum json_type type)
{
    struct json *v = json_scratch(sizeof(*v));

    *v = (struct json){.type = type};
    return v;
}

struct json *json_null(void)
{
    return value_new(JSON_NULL);
}

struct json *json_bool(bool b)
{
    struct json *v = value_new(JSON_BOOL);

    v->boolean = b;
    return v;
}

struct json *json_int(int64_t i)
{
    struct json *v = value_new(JSON_INT);

    v->integer = i;
    return v;
}

static char *scratch_text(const char *text, size_t len)
{
    char *copy = json_scratch(len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

struct json *json_string(const char *text)
{
    struct json *v = value_new(JSON_STRING);

    v->len = (uint32_t)strlen(text);
    v->string = scratch_text(text, v->len);
    return v;
}

struct json *json_array(void)
{
    return value_new(JSON_ARRAY);
}

struct json *json_object(void)
{
    return value_new(JSON_OBJECT);
}

/* Room for one more element of this size; the old array is left to json_reset(). */
static void *grow(struct json *v, void *elements, size_t size)
{
    uint32_t cap = v->cap == 0 ? 4 : 2 * v->cap;
    void *bigger;

    if (v->len < v->cap)
        return elements;
    bigger = json_scratch(cap * size);
    if (v->len > 0)
        memcpy(bigger, elements, v->len * size);
    v->cap = cap;
    return bigger;
}

void json_push(struct json *array, struct json *v)
{
    array->items = grow(array, array->items, sizeof(struct json *));
    array->items[array->len++] = v != NULL ? v : json_null();
}

/* key must live as long as the object. */
static void member_add(struct json *object, const char *key, uint32_t key_len, struct json *v)
{
    object->members = grow(object, object->members, sizeof(struct json_member));
    object->members[object->len++] = (struct json_member){key, key_len, v};
}

/* Of equal keys the last one counts. */
static struct json_member *member_find(const struct json *object, const char *key, size_t key_len)
{
    if (object == NULL || object->type != JSON_OBJECT)
        return NULL;
    for (uint32_t i = object->len; i-- > 0;) {
        struct json_member *m = &object->members[i];

        if (m->key_len == key_len && memcmp(m->key, key, key_len) == 0)
            return m;
    }
    return NULL;
}

void json_set(struct json *object, const char *key, struct json *v)
{
    size_t len = strlen(key);
    struct json_member *m = member_find(object, key, len);

    if (v == NULL)
        v = json_null();
    if (m != NULL)
        m->value = v;
    else
        member_add(object, scratch_text(key, len), (uint32_t)len, v);
}

/* Looking */

struct json *json_get(const struct json *object, const char *key)
{
    struct json_member *m = member_find(object, key, strlen(key));

    return m != NULL ? m->value : NULL;
}

struct json *json_at(const struct json *array, size_t index)
{
    return index < json_len(array) && array->type == JSON_ARRAY ? array->items[index] : NULL;
}

size_t json_len(const struct json *array)
{
    return array != NULL && (array->type == JSON_ARRAY || array->type == JSON_OBJECT) ? array->len
                                                                                      : 0;
}

int64_t json_int_of(const struct json *v, int64_t otherwise)
{
    return v != NULL && v->type == JSON_INT ? v->integer : otherwise;
}

const char *json_text_of(const struct json *v)
{
    return v != NULL && v->type == JSON_STRING ? v->string : NULL;
}

bool json_is_null(const struct json *v)
{
    return v == NULL || v->type == JSON_NULL;
}

bool json_equal(const struct json *a, const struct json *b)
{
    if (json_is_null(a) || json_is_null(b))
        return json_is_null(a) && json_is_null(b);
    if (a->type != b->type)
        return false;
    if (a->type == JSON_BOOL)
        return a->boolean == b->boolean;
    if (a->type == JSON_INT)
        return a->integer == b->integer;
    if (a->len != b->len)
        return false;
    if (a->type == JSON_REAL || a->type == JSON_STRING)
        return memcmp(a->string, b->string, a->len) == 0;

    for (uint32_t i = 0; i < a->len; i++) {
        const struct json_member *m = a->type == JSON_OBJECT ? &a->members[i] : NULL;
        const struct json_member *other = m ? member_find(b, m->key, m->key_len) : NULL;

        if (m == NULL ? !json_equal(a->items[i], b->items[i])
                      : other == NULL || !json_equal(m->value, other->value))
            return false;
    }
    return true;
}

/* Keeping: first the size of everything, then one block, filled from its start. */

static size_t align8(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static size_t kept_size(const struct json *v)
{
    size_t size = sizeof(*v);

    if (v->type == JSON_STRING || v->type == JSON_REAL)
        return size + align8(v->len + 1);
    if (v->type == JSON_ARRAY) {
        size += v->len * sizeof(struct json *);
        for (uint32_t i = 0; i < v->len; i++)
            size += kept_size(v->items[i]);
    } else if (v->type == JSON_OBJECT) {
        size += v->len * sizeof(struct json_member);
        for (uint32_t i = 0; i < v->len; i++)
            size += align8(v->members[i].key_len + 1) + kept_size(v->members[i].value);
    }
    return size;
}

static void *carve(char **at, size_t size)
{
    void *piece = *at;

    *at += align8(size);
    return piece;
}

static struct json *keep_into(char **at, const struct json *v)
{
    struct json *copy = carve(at, sizeof(*copy));

    *copy = *v;
    copy->cap = 0;
    if (v->type == JSON_STRING || v->type == JSON_REAL) {
        char *text = carve(at, v->len + 1);

        memcpy(text, v->string, v->len);
        text[v->len] = '\0';
        copy->string = text;
    } else if (v->type == JSON_ARRAY) {
        copy->items = carve(at, v->len * sizeof(struct json *));
        for (uint32_t i = 0; i < v->len; i++)
            copy->items[i] = keep_into(at, v->items[i]);
    } else if (v->type == JSON_OBJECT) {
        copy->members = carve(at, v->len * sizeof(struct json_member));
        for (uint32_t i = 0; i < v->len; i++) {
            const struct json_member *m = &v->members[i];
            const char *key = memcpy(carve(at, m->key_len + 1), m->key, m->key_len + 1);

            copy->members[i] = (struct json_member){key, m->key_len, keep_into(at, m->value)};
        }
    }
    return copy;
}

struct json *json_keep(const struct json *v)
{
    static const struct json null = {.type = JSON_NULL};
    char *block;

    if (v == NULL)
        v = &null;
    block = must(malloc(kept_size(v)));
    return keep_into(&block, v); /* the value itself is carved first: it is the block */
}

void json_free(struct json *kept)
{
    free(kept);
}

/* Printing */

void json_append(struct json_text *out, const char *bytes, size_t len)
{
    if (out->cap - out->len < len) {
        out->cap = 2 * (out->cap + len) + 256;
        out->bytes = must(realloc(out->bytes, out->cap));
    }
    memcpy(out->bytes + out->len, bytes, len);
    out->len += len;
}

void json_append_int(struct json_text *out, int64_t i)
{
    char digits[20];
    char *at = digits + sizeof(digits);
    uint64_t rest = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;

    do {
        *--at = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (i < 0)
        *--at = '-';
    json_append(out, at, (size_t)(digits + sizeof(digits) - at));
}

static void append_escape(struct json_text *out, unsigned char c)
{
    static const char means[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *mean = c == 0 ? NULL : strchr(means, c);
    char escape[8];

    if (mean != NULL)
        snprintf(escape, sizeof(escape), "\\%c", names[mean - means]);
    else
        snprintf(escape, sizeof(escape), "\\u%04x", c);
    json_append(out, escape, strlen(escape));
}

void json_append_string(struct json_text *out, const char *bytes, size_t len)
{
    size_t from = 0;

    json_append(out, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        json_append(out, bytes + from, i - from);
        from = i + 1;
        append_escape(out, c);
    }
    json_append(out, bytes + from, len - from);
    json_append(out, "\"", 1);
}

static void print_items(struct json_text *out, const struct json *v)
{
    bool is_array = v->type == JSON_ARRAY;

    json_append(out, is_array ? "[" : "{", 1);
    for (uint32_t i = 0; i < v->len; i++) {
        if (i > 0)
            json_append(out, ",", 1);
        if (!is_array) {
            json_append_string(out, v->members[i].key, v->members[i].key_len);
            json_append(out, ":", 1);
        }
        json_print(out, is_array ? v->items[i] : v->members[i].value);
    }
    json_append(out, is_array ? "]" : "}", 1);
}

void json_print(struct json_text *out, const struct json *v)
{
    switch (v == NULL ? JSON_NULL : v->type) {
    case JSON_NULL:
        json_append(out, "null", 4);
        break;
    case JSON_BOOL:
        json_append(out, v->boolean ? "true" : "false", v->boolean ? 4 : 5);
        break;
    case JSON_INT:
        json_append_int(out, v->integer);
        break;
    case JSON_REAL:
        json_append(out, v->string, v->len);
        break;
    case JSON_STRING:
        json_append_string(out, v->string, v->len);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        print_items(out, v);
        break;
    }
}

const char *json_show(const struct json *v)
{
    static struct json_text text;

    text.len = 0;
    json_print(&text, v);
    return scratch_text(text.bytes, text.len);
}

/* Parsing. The text ends in a 0 byte that no rule accepts, so nothing runs past it. */

struct parser {
    char *at;
    int depth;
};

static struct json *parse_value(struct parser *p);

static char skip_blanks(struct parser *p)
{
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\r' || *p->at == '\n')
        p->at++;
    return *p->at;
}

/* The four hex digits after \u, or -1. */
static long hex4(const char *at)
{
    char digits[5] = "";

    memcpy(digits, at, strnlen(at, 4));
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

static char *put_utf8(char *to, long code)
{
    static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    *to++ = (char)(first[more] | code >> 6 * more);
    while (more-- > 0)
        *to++ = (char)(0x80 | (code >> 6 * more & 0x3F));
    return to;
}

/* Reads the escape at from (a backslash), writes what it means at *to; returns where it ends. */
static char *unescape(char *from, char **to)
{
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *name;
    long code, low;

    if (from[1] != 'u') {
        name = from[1] == '\0' ? NULL : strchr(names, from[1]);
        if (name == NULL)
            return NULL;
        *(*to)++ = means[name - names];
        return from + 2;
    }
    code = hex4(from + 2);
    if (code < 0)
        return NULL;
    from += 6;
    if (code >= 0xD800 && code < 0xDC00 && from[0] == '\\' && from[1] == 'u') {
        low = hex4(from + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            from += 6;
        }
    }
    if (code >= 0xD800 && code < 0xE000)
        code = 0xFFFD; /* half of a pair means nothing */
    *to = put_utf8(*to, code);
    return from;
}

/* At the opening quote. Gives the string where it stands, ended by a 0 byte. */
static const char *parse_text(struct parser *p, uint32_t *ret_len)
{
    char *start = p->at + 1;
    char *from = start, *to;

    while (*from != '"' && *from != '\\' && (unsigned char)*from >= 0x20)
        from++;
    to = from;
    while (*from != '"') {
        if ((unsigned char)*from < 0x20)
            return NULL;
        if (*from != '\\') {
            *to++ = *from++;
            continue;
        }
        from = unescape(from, &to);
        if (from == NULL)
            return NULL;
    }
    *to = '\0';
    p->at = from + 1;
    *ret_len = (uint32_t)(to - start);
    return start;
}

static bool digits(char **at)
{
    char *start = *at;

    while (**at >= '0' && **at <= '9')
        (*at)++;
    return *at > start;
}

static struct json *parse_number(struct parser *p)
{
    char *start = p->at, *at = start + (*start == '-');
    bool is_int = true;
    struct json *v;
    int64_t value;

    if (at[0] == '0' && at[1] >= '0' && at[1] <= '9')
        return NULL;
    if (!digits(&at))
        return NULL;
    if (start[0] == '-' && start[1] == '0')
        is_int = false; /* -0: its text is kept */
    if (*at == '.') {
        at++;
        is_int = false;
        if (!digits(&at))
            return NULL;
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        is_int = false;
        if (!digits(&at))
            return NULL;
    }
    p->at = at;
    errno = 0;
    value = is_int ? strtoll(start, NULL, 10) : 0;
    if (is_int && errno != ERANGE)
        return json_int(value);
    v = value_new(JSON_REAL);
    v->string = start;
    v->len = (uint32_t)(at - start);
    return v;
}

static struct json *parse_array(struct parser *p)
{
    struct json *array = json_array();

    p->at++;
    if (skip_blanks(p) == ']') {
        p->at++;
        return array;
    }
    for (;;) {
        struct json *v = parse_value(p);
        char next;

        if (v == NULL)
            return NULL;
        json_push(array, v);
        next = skip_blanks(p);
        if (next != ',' && next != ']')
            return NULL;
        p->at++;
        if (next == ']')
            return array;
    }
}

static struct json *parse_object(struct parser *p)
{
    struct json *object = json_object();

    p->at++;
    if (skip_blanks(p) == '}') {
        p->at++;
        return object;
    }
    for (;;) {
        const char *key;
        struct json *v;
        uint32_t len;
        char next;

        if (skip_blanks(p) != '"' || (key = parse_text(p, &len)) == NULL || skip_blanks(p) != ':')
            return NULL;
        p->at++;
        v = parse_value(p);
        if (v == NULL)
            return NULL;
        member_add(object, key, len, v);
        next = skip_blanks(p);
        if (next != ',' && next != '}')
            return NULL;
        p->at++;
        if (next == '}')
            return object;
    }
}

static struct json *parse_word(struct parser *p, const char *word, struct json *v)
{
    size_t len = strlen(word);

    if (strncmp(p->at, word, len) != 0)
        return NULL;
    p->at += len;
    return v;
}

static struct json *parse_value(struct parser *p)
{
    struct json *v = NULL;

    switch (skip_blanks(p)) {
    case '{':
    case '[':
        if (p->depth == JSON_DEPTH_MAX)
            return NULL;
        p->depth++;
        v = *p->at == '{' ? parse_object(p) : parse_array(p);
        p->depth--;
        return v;
    case '"':
        v = value_new(JSON_STRING);
        v->string = parse_text(p, &v->len);
        return v->string != NULL ? v : NULL;
    case 't':
        return parse_word(p, "true", json_bool(true));
    case 'f':
        return parse_word(p, "false", json_bool(false));
    case 'n':
        return parse_word(p, "null", json_null());
    default:
        return parse_number(p);
    }
}

/* Bytes of the character at s, which has len bytes left; 0: no UTF-8. */
static size_t utf8_len(const unsigned char *s, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    uint32_t code = s[0] & (0xFFu >> (n + 1));

    if (n == 1 || n == 0 || n > len || s[0] >= 0xF8)
        return n == 1;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3F);
    }
    return code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? 0 : n;
}

static bool is_utf8(const char *text, size_t len)
{
    size_t i = 0, n = 1;
    uint64_t eight;

    while (i < len && n > 0) {
        if (len - i >= 8 && (memcpy(&eight, text + i, 8), (eight & 0x8080808080808080) == 0))
            n = 8; /* all ASCII */
        else
            n = utf8_len((const unsigned char *)text + i, len - i);
        i += n;
    }
    return n > 0;
}

struct json *json_parse(char *text, size_t len)
{
    struct parser p = {.at = text};
    struct json *v;

    text[len] = '\0';
    if (!is_utf8(text, len))
        return NULL;
    v = parse_value(&p);
    if (v == NULL)
        return NULL;
    skip_blanks(&p);
    return p.at == text + len ? v : NULL;
}

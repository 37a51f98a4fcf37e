/* The hot path: every line that a node writes passes here once. Two loops over members, one for
 * the message and one for its body, and json_scan_value() over all that is deeper. No error is
 * described while scanning; a line that fails is read again, slowly, by json_explain(). */
#include "json.h"

#include "assert.h"
#include "err.h"
#include "json_scan.h"

#include <string.h>

enum part { PART_OTHER, PART_SRC, PART_DEST, PART_BODY, PART_TYPE, PART_IN_REPLY_TO, PART_MSG_ID };

/* Keys that hold an escape may mean the same: "\u0073rc" is "src". */
static enum part escaped_part(struct str key)
{
    static const char *const names[] = {
        [PART_SRC] = "src",   [PART_DEST] = "dest",     [PART_BODY] = "body",
        [PART_TYPE] = "type", [PART_MSG_ID] = "msg_id", [PART_IN_REPLY_TO] = "in_reply_to",
    };
    size_t i;

    for (i = PART_SRC; i < sizeof(names) / sizeof(names[0]); i++)
        if (json_string_is(key, names[i]))
            return (enum part)i;
    return PART_OTHER;
}

static enum part part_of(struct str key)
{
    if (key.len == 3 && memcmp(key.data, "src", 3) == 0)
        return PART_SRC;
    if (key.len == 4 && memcmp(key.data, "dest", 4) == 0)
        return PART_DEST;
    if (key.len == 4 && memcmp(key.data, "body", 4) == 0)
        return PART_BODY;
    if (key.len == 4 && memcmp(key.data, "type", 4) == 0)
        return PART_TYPE;
    if (key.len == 6 && memcmp(key.data, "msg_id", 6) == 0)
        return PART_MSG_ID;
    if (key.len == 11 && memcmp(key.data, "in_reply_to", 11) == 0)
        return PART_IN_REPLY_TO;
    if (memchr(key.data, '\\', key.len) != NULL)
        return escaped_part(key);
    return PART_OTHER;
}

static void note_text(struct str value, struct str *ret_text, bool *ret_is_string)
{
    *ret_is_string = value.data[0] == '"';
    *ret_text = *ret_is_string ? (struct str){value.data + 1, value.len - 2} : value;
}

static void note_integer(struct str value, struct str *ret_text, bool *ret_is_integer)
{
    size_t i = value.data[0] == '-' ? 1 : 0;

    while (i < value.len && json_is_digit(value.data[i]))
        i++;
    *ret_is_integer = i == value.len;
    *ret_text = value;
}

/* Finds what stands behind a value at p: true if another member follows, and *p is moved to it;
 * false at the closing brace, *p behind it, or where the text is broken, *p NULL. */
static inline bool more_members(const char **p, const char *end)
{
    const char *at = json_scan_blanks(*p, end);

    *p = at < end && (*at == ',' || *at == '}') ? at + 1 : NULL;
    return *p != NULL && *at == ',';
}

static inline bool is_empty_object(const char **p, const char *end)
{
    const char *at = json_scan_blanks(*p, end);

    if (at == end || *at != '}')
        return false;
    *p = at + 1;
    return true;
}

/* From behind the body's brace to behind its closing one, or NULL. */
static const char *scan_body(const char *p, const char *end, struct json_envelope *e)
{
    if (is_empty_object(&p, end))
        return p;
    do {
        const char *key;
        const char *key_end;
        const char *start = json_scan_key(p, end, &key, &key_end);
        struct str value;
        if (start == NULL)
            return NULL;
        p = json_scan_value(start, end, JSON_DEPTH_MAX - 2);
        if (p == NULL)
            return NULL;
        value = (struct str){start, (size_t)(p - start)};
        switch (part_of((struct str){key, (size_t)(key_end - key)})) {
        case PART_TYPE:
            note_text(value, &e->type, &e->type_is_string);
            break;
        case PART_IN_REPLY_TO:
            note_integer(value, &e->in_reply_to, &e->in_reply_to_is_integer);
            break;
        case PART_MSG_ID:
            note_integer(value, &e->msg_id, &e->msg_id_is_integer);
            break;
        default:
            break;
        }
    } while (more_members(&p, end));
    return p;
}

/* A second "body" replaces the first with all its parts. */
static void forget_body(struct json_envelope *e)
{
    e->body = e->type = e->in_reply_to = e->msg_id = (struct str){0};
    e->body_is_object = e->type_is_string = false;
    e->in_reply_to_is_integer = e->msg_id_is_integer = false;
}

/* From behind the message's brace to behind its closing one, or NULL. */
static const char *scan_message(const char *p, const char *end, struct json_envelope *e)
{
    if (is_empty_object(&p, end))
        return p;
    do {
        const char *key;
        const char *key_end;
        const char *start = json_scan_key(p, end, &key, &key_end);
        enum part part;
        struct str value;
        if (start == NULL)
            return NULL;
        part = part_of((struct str){key, (size_t)(key_end - key)});
        if (part == PART_BODY) {
            forget_body(e);
            e->body_is_object = start < end && *start == '{';
        }
        if (part == PART_BODY && e->body_is_object)
            p = scan_body(start + 1, end, e);
        else
            p = json_scan_value(start, end, JSON_DEPTH_MAX - 1);
        if (p == NULL)
            return NULL;
        value = (struct str){start, (size_t)(p - start)};
        if (part == PART_SRC)
            note_text(value, &e->src, &e->src_is_string);
        else if (part == PART_DEST)
            note_text(value, &e->dest, &e->dest_is_string);
        else if (part == PART_BODY)
            e->body = value;
    } while (more_members(&p, end));
    return p;
}

/* The sentence about a line that is no message. */
static int refuse(struct str line, struct err *err)
{
    static const char rule[] = "a message is one JSON object on one line";
    const char *end = line.data + line.len;
    const char *p = json_scan_blanks(line.data, end);
    struct json_reader r;
    enum json_kind kind;
    bool was_object;

    if (p == end)
        return err_set(err, ERR_INPUT, "the line is %s: %s", line.len == 0 ? "empty" : "blank",
                       rule);
    json_reader_init(&r, line);
    kind = json_next(&r);
    was_object = kind == JSON_AT_OBJECT;
    if (kind != JSON_AT_ERROR && !was_object)
        return err_set(err, ERR_INPUT, "column %zu: found %s where \"{\" was expected: %s",
                       (size_t)(p - line.data) + 1,
                       kind == JSON_AT_ARRAY    ? "an array"
                       : kind == JSON_AT_STRING ? "a string"
                       : kind == JSON_AT_NUMBER ? "a number"
                                                : "a constant",
                       rule);
    while (kind != JSON_AT_ERROR) {
        ASSERT(kind != JSON_AT_END); /* the two readers of JSON disagree */
        kind = json_next(&r);
    }
    if (!was_object && *p != '"' && *p != '-' && !json_is_digit(*p)) {
        r.error = "\"{\"";
        r.at = (size_t)(p - line.data);
    }
    json_explain(&r, err);
    if (!was_object || r.depth == 0) {
        size_t len = strlen(err->text);
        char old[ERR_TEXT_MAX];
        memcpy(old, err->text, len + 1);
        return err_set(err, ERR_INPUT, "%s: %s", old, rule);
    }
    return ERR_INPUT;
}

int json_envelope(struct str line, struct json_envelope *ret_envelope, struct err *err)
{
    struct json_envelope e = {0};
    const char *end = line.data + line.len;
    const char *p = json_scan_blanks(line.data, end);

    if (p == end || *p != '{')
        return refuse(line, err);
    p = scan_message(p + 1, end, &e);
    if (p == NULL || json_scan_blanks(p, end) != end)
        return refuse(line, err);
    *ret_envelope = e;
    return 0;
}

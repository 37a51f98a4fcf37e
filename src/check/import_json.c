/* Histories in JSON: one object a line (history.jsonl), or one array of objects.
 *
 * Nearly every value in a history is canonical already, and is recognized as such by one look at
 * its bytes; only the others take the way through json_canonical(). */
#include "import_event.h"

#include "../base/err.h"
#include "../base/json.h"

#include <string.h>

/* True if the sound JSON text is certainly canonical: no blanks, objects, reals or escapes. */
static bool is_plain(struct str text)
{
    const char *p = text.data;
    const char *end = p + text.len;

    for (; p < end; p++) {
        switch (*p) {
        case '"':
            while (*++p != '"')
                if (*p == '\\')
                    return false;
            break;
        case ' ':
        case '\t':
        case '\n':
        case '\r':
        case '{':
        case '.':
        case 'E':
            return false;
        case 'e': /* of true and false, or of a number */
            if (p[-1] >= '0' && p[-1] <= '9')
                return false;
            break;
        case '-':
            if (p + 1 < end && p[1] == '0')
                return false;
            break;
        default:
            break;
        }
    }
    return true;
}

/* base is where in the text the reader's own begins. */
static int broken(const struct importer *im, const struct json_reader *r, size_t base,
                  struct err *err)
{
    struct err inner = {.text = ""};
    const char *words;

    json_explain(r, &inner);
    words = strstr(inner.text, ": ");
    if (strncmp(inner.text, "column ", 7) == 0 && words != NULL)
        return import_refuse(im, base + r->at, err, "%s", words + 2);
    return import_refuse(im, base + r->at, err, "%s", inner.text);
}

/* With the reader on the object's opening. */
static int read_event(struct importer *im, struct json_reader *r, size_t base, struct err *err)
{
    import_begin(im, base + r->at - 1);
    while (json_next(r) == JSON_AT_KEY) {
        struct str value;
        enum import_member m;
        buf_reset(&im->name);
        if (memchr(r->text.data, '\\', r->text.len) == NULL) {
            m = import_member(r->text);
        } else {
            json_unescape(&im->name, r->text);
            m = import_member(buf_str(&im->name));
        }
        json_next(r);
        if (r->kind == JSON_AT_ERROR || !json_skip(r, &value))
            break;
        if (m == IMPORT_MEMBER_COUNT)
            continue;
        struct buf *into = import_take(im, m, (size_t)(value.data - im->text.data));
        if (is_plain(value))
            buf_add_str(into, value);
        else
            json_canonical(into, value);
    }
    return r->kind == JSON_AT_ERROR ? broken(im, r, base, err) : import_end(im, err);
}

static int expected_event(const struct importer *im, size_t place, struct err *err)
{
    return import_refuse(im, place, err,
                         "expected an event, an object such as {\"process\":0,\"type\":\"invoke\","
                         "\"f\":\"read\",\"value\":null}");
}

static int import_array(struct importer *im, struct err *err)
{
    struct json_reader r;
    int status = 0;

    json_reader_init(&r, im->text);
    json_next(&r);
    while (status == 0 && json_next(&r) != JSON_AT_END) {
        if (r.kind == JSON_AT_OBJECT)
            status = read_event(im, &r, 0, err);
        else if (r.kind == JSON_AT_ERROR)
            status = broken(im, &r, 0, err);
        else if (r.kind != JSON_AT_ARRAY_END)
            status = expected_event(im, r.at - 1, err);
    }
    return status;
}

static int import_line(struct importer *im, struct str line, struct err *err)
{
    size_t base = (size_t)(line.data - im->text.data);
    struct json_reader r;
    int status;

    json_reader_init(&r, line);
    if (json_next(&r) == JSON_AT_ERROR)
        return broken(im, &r, base, err);
    if (r.kind != JSON_AT_OBJECT)
        return expected_event(im, base, err);
    status = read_event(im, &r, base, err);
    if (status == 0 && json_next(&r) != JSON_AT_END)
        status = broken(im, &r, base, err);
    return status;
}

static bool is_blank(struct str line)
{
    size_t i;

    for (i = 0; i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

int import_json(struct importer *im, struct err *err)
{
    const char *p = im->text.data;
    const char *end = p + im->text.len;
    const char *first = p;
    int status = 0;

    while (first < end && strchr(" \t\r\n", *first) != NULL && *first != '\0')
        first++;
    if (first < end && *first == '[')
        return import_array(im, err);
    while (status == 0 && p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        struct str line = {p, (size_t)((newline != NULL ? newline : end) - p)};
        if (!is_blank(line))
            status = import_line(im, line, err);
        p += line.len + 1;
    }
    return status;
}

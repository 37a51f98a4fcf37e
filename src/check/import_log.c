/* Histories in the text logs of Jepsen, of any age (-> stands for a tab or blanks):
 *
 *   - INFO  jepsen.util - 3 -> :invoke -> :cas -> [1 2]
 *   - 2024-05-01 10:00:00,123{GMT} INFO [jepsen worker 1] jepsen.util: 3 -> :info -> :cas -> [1 2]
 *   - 3 -> :ok -> :read -> 4
 *
 * An event is told by three words in a row: a process, a type and a function. They may stand
 * anywhere in a line, since loggers put all kinds of things in front; what follows is EDN: the
 * value, then the error. Lines without the three words are counted and passed over. */
#include "import_event.h"

#include "../base/err.h"
#include "edn.h"

#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The word of line that begins at *at or behind it; *at moves behind it. Empty at the end. */
static struct str next_word(struct str line, size_t *at)
{
    size_t start;

    while (*at < line.len && is_blank(line.data[*at]))
        (*at)++;
    start = *at;
    while (*at < line.len && !is_blank(line.data[*at]))
        (*at)++;
    return (struct str){line.data + start, *at - start};
}

static bool is_process(struct str word)
{
    size_t i;

    if (word.len > 1 && word.data[0] == ':')
        return true;
    for (i = 0; i < word.len; i++)
        if (word.data[i] < '0' || word.data[i] > '9')
            return false;
    return word.len > 0;
}

static bool is_type(struct str word)
{
    return str_is(word, ":invoke") || str_is(word, ":ok") || str_is(word, ":fail") ||
           str_is(word, ":info");
}

/* Where in line the three words begin; false if they do not occur. */
static bool find_event(struct str line, size_t *ret_at)
{
    size_t at = 0;
    struct str process = next_word(line, &at);
    struct str type = next_word(line, &at);

    while (type.len > 0) {
        struct str f = next_word(line, &at);
        if (is_type(type) && is_process(process) && f.len > 1 && f.data[0] == ':') {
            *ret_at = (size_t)(process.data - line.data);
            return true;
        }
        process = type;
        type = f;
    }
    return false;
}

/* Everything behind the value: one form is the error, several are a list of them. */
static void read_errors(struct importer *im, struct edn_reader *r)
{
    struct buf *into = import_take(im, IMPORT_ERROR, r->start);
    size_t count = 0;

    while (r->kind != EDN_ERROR && r->kind != EDN_END) {
        if (count++ > 0)
            buf_add_char(into, ',');
        edn_json(r, into);
        edn_next(r);
    }
    if (count > 1) {
        buf_reset(&im->pair);
        buf_addf(&im->pair, "[%.*s]", STR_ARG(*into));
        buf_reset(into);
        buf_add_str(into, buf_str(&im->pair));
    }
}

/* at is where the three words begin, end where the line ends, both in the text. */
static int read_event(struct importer *im, size_t at, size_t end, struct err *err)
{
    static const enum import_member order[] = {IMPORT_PROCESS, IMPORT_TYPE, IMPORT_F, IMPORT_VALUE};
    struct edn_reader r;
    size_t i;

    edn_reader_init(&r, (struct str){im->text.data, end});
    r.at = at;
    import_begin(im, at);
    for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (edn_next(&r) == EDN_ERROR || r.kind == EDN_END)
            break;
        edn_json(&r, import_take(im, order[i], r.start));
    }
    if (r.kind != EDN_ERROR && r.kind != EDN_END && edn_next(&r) != EDN_END)
        read_errors(im, &r);
    return r.kind == EDN_ERROR ? edn_explain(&r, err) : import_end(im, err);
}

int import_log(struct importer *im, struct err *err)
{
    const char *p = im->text.data;
    const char *end = p + im->text.len;
    int status = 0;

    while (status == 0 && p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        struct str line = {p, (size_t)((newline != NULL ? newline : end) - p)};
        size_t base = (size_t)(p - im->text.data);
        size_t at;
        if (find_event(line, &at))
            status = read_event(im, base + at, base + line.len, err);
        else
            im->out->skipped_lines++;
        p += line.len + 1;
    }
    return status;
}

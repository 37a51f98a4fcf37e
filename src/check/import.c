/* Which notation a text is in, and the way to its reader.
 *
 * The first characters that are no blank decide: JSON's objects begin with a key in quotes, EDN's
 * hardly ever do, and a log begins with neither brace nor bracket, or with a bracket around
 * words. */
#include "import.h"

#include "../base/err.h"
#include "history.h"
#include "import_event.h"

#include <string.h>

static const char *const names[] = {"any", "json", "edn", "log"};

const char *import_format_text(enum import_format format)
{
    return names[format];
}

bool import_format_find(const char *text, enum import_format *ret_format)
{
    enum import_format f;

    for (f = IMPORT_ANY; f <= IMPORT_LOG; f++)
        if (strcmp(text, names[f]) == 0) {
            *ret_format = f;
            return true;
        }
    return false;
}

/* The first character at *at or behind it that is no blank, and *at moves behind it. */
static char next_character(struct str text, size_t *at)
{
    while (*at < text.len) {
        char c = text.data[(*at)++];
        if (c != ' ' && c != ',' && !(c >= '\t' && c <= '\r'))
            return c;
    }
    return '\0';
}

static enum import_format guess_format(struct str text)
{
    size_t at = 0;
    char c = next_character(text, &at);
    bool is_array = c == '[';

    if (c == '(' || c == '#' || c == ';')
        return IMPORT_EDN;
    if (is_array) {
        c = next_character(text, &at);
        if (c != '\0' && strchr("])([#;", c) != NULL)
            return IMPORT_EDN;
    }
    if (c != '{')
        return IMPORT_LOG;
    c = next_character(text, &at);
    return c == '"' || c == '}' ? IMPORT_JSON : IMPORT_EDN;
}

static int read_as(struct importer *im, enum import_format format, struct err *err)
{
    switch (format) {
    case IMPORT_JSON:
        return import_json(im, err);
    case IMPORT_EDN:
        return import_edn(im, err);
    default:
        return import_log(im, err);
    }
}

int import_history(struct str text, enum import_format format, struct imported *ret_imported,
                   struct err *err)
{
    struct imported got = {0};
    struct importer im;
    int status = 0;

    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) { /* a byte order mark */
        text.data += 3;
        text.len -= 3;
    }
    if (text.len > IMPORT_TEXT_MAX)
        return err_set(err, ERR_FULL, "the history is longer than %d bytes", IMPORT_TEXT_MAX);
    got.format = format != IMPORT_ANY ? format : guess_format(text);
    importer_init(&im, text, &got);
    status = read_as(&im, got.format, err);
    if (status == 0 && history_len(got.history) == 0)
        status =
            err_set(err, ERR_INPUT,
                    "line 1, column 1: expected the events of a history, but there are none%s; "
                    "docs/checking.md shows the formats",
                    got.format == IMPORT_LOG
                        ? " (no line has a process, a type such as :invoke and a function)"
                        : "");
    importer_release(&im);
    if (status < 0) {
        history_free(got.history);
        return status;
    }
    *ret_imported = got;
    return 0;
}

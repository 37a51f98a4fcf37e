/* JSON knows strings only; Maelstrom's results have keywords, numbers as keys, lists and vectors.
 *
 * Which it is, is told from what is there: a key that reads as a number is one (quantiles, keys of
 * lin-kv), one of a keyword's characters is a keyword, any other stays a string. A value is a
 * keyword only under the few members whose values are names (VALUES); what programs under test
 * wrote stays a string. A list inside a list is a vector, as in ":acceptable ([0 3])".
 *
 * A form is first printed on one line. Only where that is too wide is it taken back and broken, so
 * what fits costs one pass, and what does not one for each level of nesting: levels are few. */
#include "results_edn.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 72 };

static const char *const PARTS[] = {"perf",         "timeline", "exceptions", "stats",
                                    "availability", "net",      "workload",   "valid?"};
/* Of these parts only what Maelstrom has; of the others all. */
static const struct {
    const char *part;
    const char *names[5];
} THEIRS[] = {
    {"perf", {"latency-graph", "rate-graph", "valid?"}},
    {"net", {"all", "clients", "servers", "valid?"}},
};
static const char *const VALUES[] = {"valid?", "outcome",       "type",    "f",
                                     "not",    "anomaly-types", "also-not"};

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    size_t i;

    for (i = 0; i < count && names[i] != NULL; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return false;
}

static bool is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 15 || (text[0] == '0' && digits > 1))
        return false;
    if (text[digits] == '.') {
        size_t more = strspn(text + digits + 1, "0123456789");

        return more > 0 && more < 15 && text[digits + 1 + more] == '\0';
    }
    return text[digits] == '\0';
}

static bool is_keyword(const char *text)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t first = strspn(text, LETTERS);

    return first > 0 && text[first + strspn(text + first, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"
                                                          "NOPQRSTUVWXYZ0123456789-_?!*+")] == '\0';
}

/* JSON's escapes are EDN's, but for "\/", which jansson does not write. */
static void add_string(struct buf *out, const char *text)
{
    json_t *string = json_string(text);
    char *quoted = json_dumps(string, JSON_ENCODE_ANY);

    buf_add_text(out, quoted != NULL ? quoted : "\"\"");
    free(quoted);
    json_decref(string);
}

static void add_key(struct buf *out, const char *key)
{
    if (is_number(key))
        buf_add_text(out, key);
    else if (is_keyword(key))
        buf_addf(out, ":%s", key);
    else
        add_string(out, key);
}

static void add_real(struct buf *out, double value)
{
    char text[40];

    snprintf(text, sizeof(text), "%.9g", value);
    buf_add_text(out, text);
    if (strpbrk(text, ".e") == NULL)
        buf_add_text(out, ".0");
}

/* Where a form stands: how far to the right, how much must follow it on its line, and of what it
 * is a part. */
struct place {
    size_t column;
    size_t after;
    bool in_list;
    bool is_name; /* strings are keywords */
};

static void add_form(struct buf *out, const json_t *value, const struct place *at, bool is_broken);

/* On one line if it fits, else broken. */
static void add_fitting(struct buf *out, const json_t *value, const struct place *at)
{
    size_t start = out->len;

    add_form(out, value, at, false);
    if (at->column + (out->len - start) + at->after <= WIDTH)
        return;
    if (!json_is_object(value) && !json_is_array(value))
        return;
    out->len = start;
    add_form(out, value, at, true);
}

/* Between two members: a broken form goes on below its first member. */
static void add_gap(struct buf *out, const char *comma, const struct place *at, bool is_broken)
{
    buf_add_text(out, comma);
    if (is_broken)
        buf_addf(out, "\n%*s", (int)at->column + 1, "");
    else
        buf_add_char(out, ' ');
}

static void add_member(struct buf *out, const json_t *value, const struct place *at, bool is_broken)
{
    if (is_broken)
        add_fitting(out, value, at);
    else
        add_form(out, value, at, false);
}

static void add_map(struct buf *out, const json_t *map, const struct place *at, bool is_broken)
{
    const char *key;
    json_t *value;
    bool is_first = true;

    buf_add_char(out, '{');
    json_object_foreach((json_t *)map, key, value)
    {
        struct place inside = {.after = at->after + 1, .in_list = false};
        size_t start;

        if (!is_first)
            add_gap(out, ",", at, is_broken);
        is_first = false;
        start = out->len;
        add_key(out, key);
        buf_add_char(out, ' ');
        inside.column = at->column + 1 + (out->len - start);
        inside.is_name = is_one_of(key, VALUES, sizeof(VALUES) / sizeof(VALUES[0]));
        add_member(out, value, &inside, is_broken);
    }
    buf_add_char(out, '}');
}

static void add_list(struct buf *out, const json_t *list, const struct place *at, bool is_broken)
{
    struct place inside = {
        .column = at->column + 1, .after = at->after + 1, .in_list = true, .is_name = at->is_name};
    size_t i;
    json_t *value;

    buf_add_char(out, at->in_list ? '[' : '(');
    json_array_foreach(list, i, value)
    {
        if (i > 0)
            add_gap(out, "", at, is_broken);
        add_member(out, value, &inside, is_broken);
    }
    buf_add_char(out, at->in_list ? ']' : ')');
}

static void add_form(struct buf *out, const json_t *value, const struct place *at, bool is_broken)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        add_map(out, value, at, is_broken);
        break;
    case JSON_ARRAY:
        add_list(out, value, at, is_broken);
        break;
    case JSON_STRING:
        if (at->is_name && is_keyword(json_string_value(value)))
            buf_addf(out, ":%s", json_string_value(value));
        else
            add_string(out, json_string_value(value));
        break;
    case JSON_INTEGER:
        buf_add_i64(out, json_integer_value(value));
        break;
    case JSON_REAL:
        add_real(out, json_real_value(value));
        break;
    case JSON_TRUE:
        buf_add_text(out, "true");
        break;
    case JSON_FALSE:
        buf_add_text(out, "false");
        break;
    case JSON_NULL:
        buf_add_text(out, "nil");
        break;
    }
}

/* Only these members, in this order. */
static json_t *chosen(const json_t *part, const char *const *names, size_t count)
{
    json_t *result = json_object(), *value;
    size_t i;

    for (i = 0; i < count && names[i] != NULL; i++)
        if ((value = json_object_get(part, names[i])) != NULL)
            json_object_set(result, names[i], value);
    return result;
}

static json_t *valid_first(const json_t *part)
{
    json_t *result = json_object(), *valid = json_object_get(part, "valid?");

    if (valid != NULL)
        json_object_set(result, "valid?", valid);
    json_object_update(result, (json_t *)part);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *sorted(const json_t *map)
{
    size_t count = json_object_size(map), i = 0;
    const char **names = mem_alloc(count * sizeof(*names));
    const char *key;
    json_t *value, *result;

    json_object_foreach((json_t *)map, key, value) names[i++] = key;
    qsort(names, count, sizeof(*names), by_name);
    result = chosen(map, names, count);
    mem_free(names);
    return result;
}

static json_t *theirs(const char *name, const json_t *part)
{
    json_t *result;
    size_t i;

    if (!json_is_object(part))
        return json_incref((json_t *)part);
    for (i = 0; i < sizeof(THEIRS) / sizeof(THEIRS[0]); i++)
        if (strcmp(THEIRS[i].part, name) == 0)
            return chosen(part, THEIRS[i].names, sizeof(THEIRS[i].names) / sizeof(char *));
    result = valid_first(part);
    if (json_is_object(json_object_get(result, "by-f")))
        json_object_set_new(result, "by-f", sorted(json_object_get(result, "by-f")));
    return result;
}

void results_edn(const json_t *results, struct buf *out)
{
    const struct place whole = {0};
    json_t *all = json_object();
    size_t i;

    for (i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
        const json_t *part = json_object_get(results, PARTS[i]);

        if (part != NULL)
            json_object_set_new(all, PARTS[i], theirs(PARTS[i], part));
    }
    add_form(out, all, &whole, true);
    json_decref(all);
}

const char *results_last_line(const json_t *results)
{
    const json_t *valid = json_object_get(results, "valid?");

    if (json_is_true(valid))
        return "Everything looks good! ヽ(‘ー`)ノ";
    return json_is_false(valid) ? "Analysis invalid! (ﾉಥ益ಥ）ﾉ ┻━┻"
                                : "Errors occurred during analysis, but no anomalies found. ಠ~ಠ";
}

int results_edn_write(const json_t *results, const char *folder, struct err *err)
{
    struct buf text = {0}, path = {0};
    int status;

    results_edn(results, &text);
    buf_add_char(&text, '\n');
    buf_addf(&path, "%s/results.edn", folder);
    status = file_write(path.data, buf_str(&text), err);
    if (status == 0) {
        buf_reset(&path);
        buf_addf(&path, "%s/jepsen.log", folder);
        buf_addf(&text, "\n\n%s\n", results_last_line(results));
        status = file_write(path.data, buf_str(&text), err);
    }
    buf_release(&path);
    buf_release(&text);
    return status;
}

#include "telling_words.h"

#include "../base/mem.h"
#include "../check/history.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { REST_SHOWN_MAX = 100, VALUE_SHOWN_MAX = 120 };

/* ---- values ---- */

static json_t *value_of(struct str text)
{
    return json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL);
}

static void add_value(const json_t *value, struct buf *out)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    size_t len = text != NULL ? strlen(text) : 0;

    if (json_is_null(value))
        buf_add_text(out, "nothing");
    else if (len <= VALUE_SHOWN_MAX)
        buf_add(out, text, len);
    else
        buf_addf(out, "a value of %zu bytes", len);
    free(text);
}

/* [key, value] of the register workloads. */
static bool is_keyed(const json_t *value)
{
    return json_is_array(value) && json_array_size(value) == 2 &&
           !json_is_array(json_array_get(value, 0));
}

/* ---- operations ---- */

static void add_wish(struct str f, const json_t *value, struct buf *out)
{
    const json_t *second = json_array_get(value, 1);

    if (str_is(f, "read") && !is_keyed(value)) {
        buf_add_text(out, "read");
    } else if (str_is(f, "read")) {
        buf_add_text(out, "read key ");
        add_value(json_array_get(value, 0), out);
    } else if (str_is(f, "write") && is_keyed(value)) {
        buf_add_text(out, "write ");
        add_value(second, out);
        buf_add_text(out, " to key ");
        add_value(json_array_get(value, 0), out);
    } else if (str_is(f, "cas") && is_keyed(value) && json_array_size(second) == 2) {
        buf_add_text(out, "change key ");
        add_value(json_array_get(value, 0), out);
        buf_add_text(out, " from ");
        add_value(json_array_get(second, 0), out);
        buf_add_text(out, " to ");
        add_value(json_array_get(second, 1), out);
    } else {
        buf_addf(out, "%.*s", STR_ARG(f));
        if (!json_is_null(value)) {
            buf_add_char(out, ' ');
            add_value(value, out);
        }
    }
}

static void add_got(struct str f, const json_t *value, struct str client, struct buf *out)
{
    buf_add_str(out, client);
    if (str_is(f, "read")) {
        buf_add_text(out, " reads ");
        add_value(is_keyed(value) ? json_array_get(value, 1) : value, out);
        if (is_keyed(value)) {
            buf_add_text(out, " from key ");
            add_value(json_array_get(value, 0), out);
        }
        return;
    }
    buf_add_text(out, " is told that this is done: ");
    add_wish(f, value, out);
}

/* ["timeout", "no answer"] as text. */
static void add_error(struct str error, struct buf *out)
{
    json_t *e = value_of(error);
    const char *name = json_string_value(json_array_get(e, 0));
    const char *text = json_string_value(json_array_get(e, 1));

    if (text != NULL && text[0] != '\0')
        buf_addf(out, ": %s", text);
    else if (name != NULL)
        buf_addf(out, ": %s", name);
    json_decref(e);
}

void words_add_op(const struct history *h, const struct op *op, const struct op *invoke,
                  struct str client, struct str node, struct buf *out)
{
    struct str f = history_f_name(h, op->f);
    json_t *value = value_of(op->value);
    json_t *wish = value_of(invoke->value);

    if (op->type == OP_INVOKE) {
        buf_addf(out, "%.*s asks %.*s to ", STR_ARG(client), STR_ARG(node));
        add_wish(f, value, out);
    } else if (op->type == OP_OK) {
        add_got(f, value, client, out);
    } else {
        buf_addf(out, "%.*s %s to ", STR_ARG(client),
                 op->type == OP_FAIL ? "is refused" : "gets no definite answer to its wish");
        add_wish(f, wish, out);
        add_error(op->error, out);
    }
    json_decref(value);
    json_decref(wish);
}

/* ---- faults ---- */

void words_add_fault(struct str kind, struct str text, bool begins, struct buf *out)
{
    buf_addf(out, "%s: %.*s (%.*s)", begins ? "a fault begins" : "the fault is over", STR_ARG(kind),
             STR_ARG(text));
}

const char *words_node(struct str what)
{
    static const struct {
        const char *what, *words;
    } table[] = {
        {"restart", "starts again"}, {"kill", "is killed"}, {"pause", "stands still from now on"},
        {"resume", "goes on"},       {"exit", "ends"},
    };
    size_t i;

    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (str_is(what, table[i].what))
            return table[i].words;
    return NULL;
}

/* ---- bodies ---- */

char *words_rest(struct str body)
{
    json_t *o = value_of(body);
    char *text, *copy;

    json_object_del(o, "type");
    json_object_del(o, "msg_id");
    json_object_del(o, "in_reply_to");
    text = json_object_size(o) > 0 ? json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    copy = mem_strdup(text != NULL ? text : "");
    free(text);
    json_decref(o);
    return copy;
}

void words_add_rest(const char *rest, struct buf *out)
{
    json_t *o = strlen(rest) <= REST_SHOWN_MAX ? json_loads(rest, 0, NULL) : NULL;
    const char *before = " (";
    const char *key;
    json_t *value;

    json_object_foreach(o, key, value)
    {
        buf_addf(out, "%s%s ", before, key);
        add_value(value, out);
        before = ", ";
    }
    if (json_object_size(o) > 0)
        buf_add_char(out, ')');
    json_decref(o);
}

static bool ends_in(struct str text, const char *end)
{
    size_t len = strlen(end);

    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

bool words_is_answer(struct str type)
{
    static const char *const ends[] = {"_ok", "_res", "_reply", "_result", "_response", "error"};
    size_t i;

    for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_in(type, ends[i]))
            return true;
    return false;
}

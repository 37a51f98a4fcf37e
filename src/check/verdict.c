#include "verdict.h"

#include "history.h"

#include "../base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum valid valid_and(enum valid a, enum valid b)
{
    return a > b ? a : b;
}

json_t *valid_json(enum valid v)
{
    return v == VALID_UNKNOWN ? json_string("unknown") : json_boolean(v == VALID_TRUE);
}

void verdict_init(struct verdict *v)
{
    *v = (struct verdict){VALID_TRUE, NULL, json_object()};
}

void verdict_release(struct verdict *v)
{
    mem_free(v->sentence);
    json_decref(v->details);
    *v = (struct verdict){VALID_TRUE, NULL, NULL};
}

void verdict_blame(struct verdict *v, enum valid valid, const char *format, ...)
{
    struct buf sentence = {0};
    va_list args;
    int len;

    if (valid <= v->valid)
        return;
    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    buf_reserve(&sentence, (size_t)len);
    va_start(args, format);
    vsnprintf(sentence.data, (size_t)len + 1, format, args);
    va_end(args);

    mem_free(v->sentence);
    v->sentence = buf_take(&sentence);
    v->valid = valid;
}

json_t *verdict_operation(const struct history *h, uint32_t event)
{
    const struct op *op = history_at(h, event);
    uint32_t invoked = op->type == OP_INVOKE || op->pair == HISTORY_NO_PAIR ? event : op->pair;
    const struct op *inv = history_at(h, invoked);
    const struct op *end = inv->pair != HISTORY_NO_PAIR ? history_at(h, inv->pair) : NULL;
    struct str f = history_f_name(h, inv->f);
    json_t *o = json_object();

    json_object_set_new(o, "index", json_integer(invoked));
    json_object_set_new(o, "process", json_integer(inv->process));
    if (inv->node != HISTORY_NO_NODE)
        json_object_set_new(o, "node", json_string(history_node_name(h, inv->node)));
    json_object_set_new(o, "f", json_stringn(f.data, f.len));
    json_object_set_new(o, "value", verdict_value(inv->value));
    json_object_set_new(o, "invoked", json_integer(inv->time_ns));
    if (end != NULL && end->type != OP_INFO) {
        json_object_set_new(o, "answer", verdict_value(end->value));
        json_object_set_new(o, "completed", json_integer(end->time_ns));
    }
    return o;
}

void verdict_explain(struct verdict *v, const struct history *h, const uint32_t *events,
                     uint32_t count)
{
    json_t *operations;

    if (json_object_get(v->details, "explanation") != NULL)
        return;
    operations = json_array();
    for (uint32_t i = 0; i < count; i++)
        verdict_list_add(operations, verdict_operation(h, events[i]));
    json_object_set_new(v->details, "explanation", json_pack("{s:o}", "operations", operations));
}

void verdict_finish(struct verdict *v)
{
    json_object_set_new(v->details, "valid?", valid_json(v->valid));
    if (v->sentence != NULL)
        json_object_set_new(v->details, "sentence", json_string(v->sentence));
}

bool verdict_list_add(json_t *list, json_t *item)
{
    if (json_array_size(list) >= VERDICT_LIST_MAX) {
        json_decref(item);
        return false;
    }
    json_array_append_new(list, item);
    return true;
}

/* The longest part of text of at most max bytes that ends between two UTF-8 characters. */
static size_t whole_characters(struct str text, size_t max)
{
    size_t len = text.len < max ? text.len : max;

    while (len > 0 && len < text.len && ((unsigned char)text.data[len] & 0xc0) == 0x80)
        len--;
    return len;
}

json_t *verdict_value(struct str json_text)
{
    json_t *value = NULL;
    char cut[VERDICT_TEXT_MAX + 4];
    size_t len;

    if (json_text.len <= VERDICT_TEXT_MAX)
        value = json_loadb(json_text.data, json_text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    if (value != NULL)
        return value;

    len = whole_characters(json_text, VERDICT_TEXT_MAX);
    memcpy(cut, json_text.data, len);
    memcpy(cut + len, "...", 4);
    if (len == json_text.len)
        cut[len] = '\0';
    value = json_string(cut);
    return value != NULL ? value : json_string("a text that is not UTF-8");
}

void verdict_key(struct str json_text, struct buf *out)
{
    size_t len = whole_characters(json_text, VERDICT_TEXT_MAX);

    buf_add(out, json_text.data, len);
    buf_add_text(out, len < json_text.len ? "..." : "");
}

const char *verdict_word(struct str json_text, char into[VERDICT_WORD_SIZE])
{
    size_t len = whole_characters(json_text, VERDICT_WORD_MAX);

    memcpy(into, json_text.data, len);
    memcpy(into + len, "...", 4);
    if (len == json_text.len)
        into[len] = '\0';
    return into;
}

#include "steps_text.h"

#include "summary.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 200, TEXT_MAX_BYTES = 1200, BODY_MAX_BYTES = 160 };

/* A time of the story, which begins at "0 s". */
static const char *time_at(const json_t *object, const char *key, char into[DURATION_TEXT_MAX])
{
    int64_t ns = json_integer_value(json_object_get(object, key));

    return ns == 0 ? "0 s" : duration_text(ns, into);
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static void add_field(struct buf *out, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    buf_addf(out, "        %-9s ", label);
    summary_add_safe(out, text, TEXT_MAX_BYTES);
    buf_add_char(out, '\n');
}

static void add_body(struct buf *out, const json_t *body)
{
    char *text;

    if (json_is_string(body)) {
        summary_add_safe(out, json_string_value(body), BODY_MAX_BYTES);
        return;
    }
    text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
    summary_add_safe(out, text != NULL ? text : "", BODY_MAX_BYTES);
    free(text);
}

/* "1.2 s  c0 -> n0  {...}", and what became of it where it did not arrive at once. */
static void add_message(struct buf *out, const json_t *m)
{
    const json_t *received = json_object_get(m, "received-ns");
    int64_t sent_ns = json_integer_value(json_object_get(m, "sent-ns"));
    const char *dropped = text_at(m, "dropped");
    char at[DURATION_TEXT_MAX];

    buf_addf(out, "          %-12s ", time_at(m, "sent-ns", at));
    summary_add_safe(out, text_at(m, "from"), NAME_MAX_BYTES);
    buf_add_text(out, " -> ");
    summary_add_safe(out, text_at(m, "to"), NAME_MAX_BYTES);
    buf_add_text(out, "  ");
    add_body(out, json_object_get(m, "body"));
    if (dropped[0] != '\0')
        buf_addf(out, "  (lost: %s)", dropped);
    else if (received == NULL)
        buf_add_text(out, "  (under way)");
    else if (json_integer_value(received) > sent_ns)
        buf_addf(out, "  (received at %s)", time_at(m, "received-ns", at));
    buf_add_char(out, '\n');
}

/* The operations of a model up to the one that was answered wrongly. */
static void add_model(struct buf *out, const json_t *f)
{
    const json_t *model = json_object_get(json_object_get(f, "evidence"), "model");
    const json_t *operations = json_object_get(model, "operations");
    size_t asked = json_array_size(json_object_get(model, "asked"));
    size_t i;

    if (model == NULL)
        return;
    buf_addf(out, "        operations up to there, %zu in all%s:\n", asked,
             asked > json_array_size(operations) ? "; the last of them" : "");
    for (i = 0; i < json_array_size(operations); i++) {
        buf_add_text(out, "          ");
        add_body(out, json_array_get(operations, i));
        buf_add_char(out, '\n');
    }
}

static void add_failure(struct buf *out, const json_t *f)
{
    const json_t *shortest = json_object_get(f, "shortest");
    const json_t *messages = json_object_get(f, "messages");
    char at[DURATION_TEXT_MAX];
    size_t i;

    add_field(out, "what", text_at(f, "what"));
    add_field(out, "expected", text_at(f, "expected"));
    add_field(out, "seen", text_at(f, "seen"));
    add_field(out, "at", time_at(f, "at-ns", at));
    if (json_array_size(messages) > 0)
        buf_add_text(out, "        messages that led there:\n");
    for (i = 0; i < json_array_size(messages); i++)
        add_message(out, json_array_get(messages, i));
    if (shortest == NULL)
        add_model(out, f);
    if (shortest == NULL)
        return;
    buf_addf(out, "        fewer operations fail, too (found in %" JSON_INTEGER_FORMAT " runs):\n",
             json_integer_value(json_object_get(f, "shortest-tried")));
    add_failure(out, shortest);
}

void steps_text(const json_t *steps, struct buf *out)
{
    size_t i;

    for (i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const json_t *failure = json_object_get(step, "failure");
        bool passed = json_is_true(json_object_get(step, "passed"));
        char from[DURATION_TEXT_MAX];
        char to[DURATION_TEXT_MAX];

        buf_addf(out, "  %s  ", passed ? "ok  " : failure != NULL ? "FAIL" : "... ");
        summary_add_safe(out, text_at(step, "name"), NAME_MAX_BYTES);
        buf_addf(out, "  (%s to %s)\n", time_at(step, "from-ns", from), time_at(step, "to-ns", to));
        if (failure != NULL)
            add_failure(out, failure);
    }
}

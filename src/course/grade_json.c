#include "grade_json.h"

#include "../base/str.h"
#include "grade.h"

#include <string.h>

static bool is_failed(const struct grade_result *r, const struct grade_step *s)
{
    return !r->passed && strcmp(r->failure.step, s->name) == 0 &&
           strcmp(r->failure.part, s->part) == 0;
}

json_t *grade_json_steps(const struct grade_result *r, const char *part)
{
    json_t *steps = json_array();
    uint32_t i;

    for (i = 0; i < r->step_count; i++) {
        const struct grade_step *s = &r->steps[i];
        json_t *step;
        if (strcmp(s->part, part) != 0)
            continue;
        step = json_pack("{s:s, s:I, s:I, s:b, s:i}", "name", s->name, "from-ns",
                         (json_int_t)s->from_ns, "to-ns", (json_int_t)s->to_ns, "passed",
                         (int)(s->passed > 0 && !is_failed(r, s)), "seeds-passed", (int)s->passed);
        if (is_failed(r, s))
            json_object_set(step, "failure", r->failure.failure);
        json_array_append_new(steps, step);
    }
    return steps;
}

json_t *grade_json(const struct grade_result *r)
{
    json_t *all = json_pack("{s:b, s:I, s:i, s:I, s:I, s:I}", "passed", (int)r->passed, "seeds",
                            (json_int_t)r->seeds, "runs", (int)r->run_count, "messages",
                            (json_int_t)r->message_count, "virtual-ns", (json_int_t)r->virtual_ns,
                            "took-ns", (json_int_t)r->took_ns);
    json_t *parts = json_array();
    const char *part = NULL;
    uint32_t i;

    for (i = 0; i < r->step_count; i++)
        if (part == NULL || strcmp(part, r->steps[i].part) != 0) {
            part = r->steps[i].part;
            json_array_append_new(
                parts, json_pack("{s:s, s:o}", "name", part, "steps", grade_json_steps(r, part)));
        }
    json_object_set_new(all, "parts", parts);
    if (!r->passed) {
        json_object_set_new(all, "step", json_string(r->failure.step));
        json_object_set_new(all, "part", json_string(r->failure.part));
        json_object_set_new(all, "seed", json_integer((json_int_t)r->failure.seed));
        json_object_set_new(all, "node", json_string(r->failure.node));
        json_object_set(all, "log", r->failure.log);
        if (json_is_object(r->failure.limit))
            json_object_set(all, "limit", r->failure.limit);
    }
    return all;
}

static const char *text_of(const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));

    return text != NULL ? text : "";
}

void grade_sentence(const struct grade_result *r, struct buf *out)
{
    const json_t *f = r->failure.failure;

    if (r->passed)
        return;
    if (r->failure.part[0] != '\0')
        buf_addf(out, "%s: ", r->failure.part);
    buf_addf(out, "\"%s\" failed: %s", r->failure.step, text_of(f, "what"));
    if (text_of(f, "expected")[0] != '\0')
        buf_addf(out, "; expected %s", text_of(f, "expected"));
    if (text_of(f, "seen")[0] != '\0')
        buf_addf(out, "; seen: %s", text_of(f, "seen"));
}

#include "workload_json.h"

#include "../course/language.h"
#include "../judge/play_table.h"
#include "../judge/submission.h"
#include "site.h"
#include "starter.h"

#include <stdio.h>

static json_t *list_json(const char *list)
{
    json_t *all = json_array();
    struct str word;

    while (play_list_next(&list, &word))
        json_array_append_new(all, json_stringn(word.data, word.len));
    return all;
}

/* Numbers are texts, as the values of a form are; "" where there are none. */
static json_t *number_json(const struct play_option *o, double n)
{
    char text[32] = "";

    if (o->kind <= PLAY_CLIENTS)
        snprintf(text, sizeof(text), "%.15g", n);
    return json_string(text);
}

static json_t *option_json(const struct play_option *o)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:s}", "name", o->name, "label",
                     o->label, "kind", play_kind_name(o->kind), "unit", o->unit, "value",
                     o->initial, "smallest", number_json(o, o->smallest), "largest",
                     number_json(o, o->largest), "choices", list_json(o->choices), "sentence",
                     o->sentence);
}

static json_t *one_json(const struct site *s, const struct play_workload *w)
{
    json_t *options = json_array(), *languages = json_array();
    char name[64];
    uint32_t i;

    snprintf(name, sizeof(name), "%.*s", STR_ARG(w->name));
    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (play_option_is_for(&play_options[i], name))
            json_array_append_new(options, json_string(play_options[i].name));
    for (i = 0; i < s->languages->count; i++)
        if (starter_does(s, &s->languages->list[i], name))
            json_array_append_new(languages, json_string(s->languages->list[i].name));
    return json_pack("{s:s, s:o, s:o, s:o}", "name", name, "summary",
                     json_stringn(w->summary.data, w->summary.len), "options", options, "languages",
                     languages);
}

json_t *workload_json(const struct site *s)
{
    json_t *workloads = json_array(), *options = json_array(), *languages = json_array();
    struct play_workload w;
    uint32_t i;

    for (i = 0; play_workload_at(i, &w); i++)
        json_array_append_new(workloads, one_json(s, &w));
    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        json_array_append_new(options, option_json(&play_options[i]));
    for (i = 0; i < s->languages->count; i++)
        json_array_append_new(languages, json_pack("{s:s, s:s}", "name", s->languages->list[i].name,
                                                   "title", s->languages->list[i].title));
    return json_pack("{s:o, s:o, s:o, s:{s:i, s:i, s:i, s:i, s:i, s:i, s:i}}", "workloads",
                     workloads, "options", options, "languages", languages, "limits", "clients",
                     PLAY_CLIENTS_MAX, "operations", PLAY_OPERATIONS_MAX, "messages",
                     PLAY_MESSAGES_MAX, "seconds", PLAY_REAL_SECONDS_MAX, "memory_mib",
                     PLAY_MEMORY_MIB, "files", SUBMISSION_FILES_MAX, "bytes", SUBMISSION_BYTES_MAX);
}

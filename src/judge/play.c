#include "play.h"

#include "../base/err.h"
#include "../base/json.h"
#include "../base/mem.h"
#include "filename.h"
#include "plant.h"
#include "submission_parts.h"

#include <string.h>

/* ---- as a text ---- */

static int take_workload(struct play *p, const json_t *all, struct err *err)
{
    struct play_workload w;
    struct buf names = {0};
    uint32_t i;
    int status = submission_take_word(all, "workload", &p->workload, err);

    if (status < 0 || play_workload_find(str_of(p->workload), &w))
        return status;
    for (i = 0; play_workload_at(i, &w); i++)
        buf_addf(&names, "%s%.*s", i > 0 ? ", " : "", STR_ARG(w.name));
    status = err_set(err, ERR_INPUT, "there is no workload \"%s\"; there are %s", p->workload,
                     names.data);
    buf_release(&names);
    return status;
}

static int no_option(const char *name, struct err *err)
{
    struct buf shown = {0};

    filename_show(str_of(name), &shown);
    buf_add_text(&shown, "");
    err_set(err, ERR_INPUT, "the playground has no option \"%s\"", shown.data);
    buf_release(&shown);
    return ERR_INPUT;
}

static int take_option(struct play *p, const char *name, const json_t *value, struct err *err)
{
    int at = play_option_find(str_of(name));
    int status;

    if (at < 0)
        return no_option(name, err);
    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "the option %s must be a text, also if it is a number",
                       name);
    status = play_option_check(
        &play_options[at], (struct str){json_string_value(value), json_string_length(value)}, err);
    if (status == 0 && json_string_length(value) > 0 &&
        play_option_is_for(&play_options[at], p->workload))
        p->values[at] = mem_strdup(json_string_value(value));
    return status;
}

static int take_options(struct play *p, const json_t *all, struct err *err)
{
    json_t *options = json_object_get(all, "options"), *value;
    const char *name;
    int status = 0;

    if (options == NULL)
        return 0;
    if (!json_is_object(options))
        return err_set(err, ERR_INPUT,
                       "\"options\" must be an object with a text for each option that is set");
    json_object_foreach(options, name, value)
    {
        status = take_option(p, name, value, err);
        if (status < 0)
            break;
    }
    return status;
}

/* Whether they can be run is asked here, so that nobody waits in a queue to hear it. */
static int check_together(const struct play *p, struct err *err)
{
    struct play_setting s;
    int status = play_setting_init(&s, p, err);

    if (status == 0)
        play_setting_release(&s);
    return status;
}

int play_parse(struct str text, struct play *ret_play, struct err *err)
{
    static const char *const known[] = {"workload", "options", "language", "files"};
    struct play p = {0};
    json_t *all = NULL;
    int status = submission_load(text, &all, err);

    if (status == 0)
        status = submission_check_keys(all, "run", known, sizeof(known) / sizeof(known[0]), err);
    if (status == 0)
        status = take_workload(&p, all, err);
    if (status == 0)
        status = take_options(&p, all, err);
    if (status == 0)
        status = submission_take_word(all, "language", &p.program.language, err);
    if (status == 0)
        status = submission_take_files(&p.program, all, err);
    if (status == 0)
        status = check_together(&p, err);
    json_decref(all);
    if (status < 0)
        play_release(&p);
    else
        *ret_play = p;
    return status;
}

bool play_is(struct str text)
{
    struct err ignored;
    json_t *all = NULL;
    bool is =
        submission_load(text, &all, &ignored) == 0 && json_object_get(all, "workload") != NULL;

    json_decref(all);
    return is;
}

void play_text(const struct play *p, struct buf *out)
{
    bool first = true;
    int i;

    buf_add_text(out, "{\"workload\":");
    json_quote(out, str_of(p->workload));
    buf_add_text(out, ",\"options\":{");
    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (p->values[i] != NULL) {
            buf_add_text(out, first ? "" : ",");
            json_quote(out, str_of(play_options[i].name));
            buf_add_char(out, ':');
            json_quote(out, str_of(p->values[i]));
            first = false;
        }
    buf_add_text(out, "},\"language\":");
    json_quote(out, str_of(p->program.language));
    buf_add_char(out, ',');
    submission_add_files_text(&p->program, out);
    buf_add_char(out, '}');
}

void play_release(struct play *p)
{
    int i;

    mem_free(p->workload);
    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        mem_free(p->values[i]);
    submission_release(&p->program);
    *p = (struct play){0};
}

/* ---- as options of eddy test ---- */

const char *play_value(const struct play *p, int option)
{
    const struct play_option *o = &play_options[option];

    if (!play_option_is_for(o, p->workload))
        return "";
    return p->values[option] != NULL ? p->values[option] : o->initial;
}

static void add_word(struct play_setting *s, size_t *count, const char *before, const char *word,
                     const char *unit)
{
    struct buf text = {0};

    buf_addf(&text, "%s%s%s", before, word, unit);
    s->words[(*count)++] = buf_take(&text);
}

static void make_words(struct play_setting *s, const struct play *p)
{
    size_t count = 0;
    int i;

    add_word(s, &count, "--workload=", p->workload, "");
    add_word(s, &count, "--bin=", "./node", "");
    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        const struct play_option *o = &play_options[i];
        const char *value = play_value(p, i);
        bool is_time = strcmp(o->unit, "s") == 0 || strcmp(o->unit, "ms") == 0;
        if (value[0] == '\0' || (o->kind == PLAY_SWITCH && strcmp(value, "off") == 0))
            continue;
        add_word(s, &count, "--", o->name, "");
        if (o->kind != PLAY_SWITCH)
            add_word(s, &count, "", value, is_time ? o->unit : "");
    }
}

/* What no single limit says. */
static int check_sum(const struct test_options *o, struct err *err)
{
    double operations = o->rate * o->time_limit;

    if (operations > PLAY_OPERATIONS_MAX && !PLANTED(8))
        return err_set(err, ERR_INPUT,
                       "%.15g operations a second for %.15g s are %.0f; a run here may have %d: "
                       "choose a smaller rate or less time",
                       o->rate, o->time_limit, operations, PLAY_OPERATIONS_MAX);
    if (o->concurrency > PLAY_CLIENTS_MAX)
        return err_set(err, ERR_INPUT,
                       "these are %u clients; a run here may have %d: choose fewer a node, or "
                       "fewer nodes",
                       o->concurrency, PLAY_CLIENTS_MAX);
    return 0;
}

int play_setting_init(struct play_setting *s, const struct play *p, struct err *err)
{
    int status;

    *s = (struct play_setting){0};
    make_words(s, p);
    status = test_options_parse(s->words, &s->options, err);
    if (status == 0) {
        status = check_sum(&s->options, err);
        if (status < 0)
            test_options_release(&s->options);
    }
    if (status < 0) {
        s->options = (struct test_options){0};
        play_setting_release(s);
    }
    return status;
}

void play_setting_release(struct play_setting *s)
{
    size_t i;

    test_options_release(&s->options);
    for (i = 0; s->words[i] != NULL; i++)
        mem_free(s->words[i]);
    *s = (struct play_setting){0};
}

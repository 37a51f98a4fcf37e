/* The playground. With a script its form becomes an editor that runs programs here
 * (data-island="playground"); without one it says what to type to have the same run at home, and
 * shows a program to begin with. */
#include "pages.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../course/language.h"
#include "../judge/play.h"
#include "../run/test_words.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "starter.h"

#include <stdlib.h>
#include <string.h>

/* What the form asks for. */
struct wish {
    const struct language *language;
    struct play play;
    struct err why; /* of what is not as it must be; "" */
};

static void take_values(struct wish *w, const struct request *q)
{
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++) {
        const struct play_option *o = &play_options[i];
        const char *value = request_value(q, o->name);
        if (value[0] == '\0' || !play_option_is_for(o, w->play.workload))
            continue;
        if (play_option_check(o, str_of(value), &w->why) == 0)
            w->play.values[i] = mem_strdup(value);
    }
}

/* What is not known is echo, in the first language. */
static void wish_init(struct wish *w, const struct site *s, const struct request *q)
{
    const char *language = request_value(q, "language");
    struct play_workload known;
    bool found = play_workload_find(str_of(request_value(q, "workload")), &known);

    *w = (struct wish){.language = &s->languages->list[0]};
    if (language[0] == '\0')
        language = "python";
    if (languages_find(s->languages, language, &w->language, &w->why) == 0)
        w->why.text[0] = '\0';
    w->play.workload = found ? mem_strndup(known.name.data, known.name.len) : mem_strdup("echo");
    take_values(w, q);
}

/* ---- the form ---- */

static void add_choice(const char *value, const char *words, bool chosen, struct buf *out)
{
    html_addf(out, "<option value=\"%s\"", value);
    if (chosen)
        buf_add_text(out, " selected");
    html_addf(out, ">%s</option>\n", words);
}

static void add_workloads(const char *chosen, struct buf *out)
{
    struct play_workload w;
    char name[64];
    uint32_t i;

    buf_add_text(out, "<p class=\"option\"><label for=\"workload\">Workload</label>\n"
                      "<select id=\"workload\" name=\"workload\">\n");
    for (i = 0; play_workload_at(i, &w); i++) {
        snprintf(name, sizeof(name), "%.*s", STR_ARG(w.name));
        add_choice(name, name, strcmp(name, chosen) == 0, out);
    }
    buf_add_text(out, "</select></p>\n");
}

static void add_languages(const struct site *s, const struct language *chosen, struct buf *out)
{
    uint32_t i;

    buf_add_text(out, "<p class=\"option\"><label for=\"language\">Language</label>\n"
                      "<select id=\"language\" name=\"language\">\n");
    for (i = 0; i < s->languages->count; i++)
        add_choice(s->languages->list[i].name, s->languages->list[i].title,
                   &s->languages->list[i] == chosen, out);
    buf_add_text(out, "</select></p>\n");
}

static void add_select(const struct play_option *o, const char *value, struct buf *out)
{
    const char *at = o->kind == PLAY_SWITCH ? "off,on" : o->choices;
    struct str word;
    char text[64];

    html_addf(out, "<select id=\"%s\" name=\"%s\" aria-describedby=\"about-%s\">\n", o->name,
              o->name, o->name);
    while (play_list_next(&at, &word)) {
        snprintf(text, sizeof(text), "%.*s", STR_ARG(word));
        add_choice(text, text, strcmp(text, value) == 0, out);
    }
    buf_add_text(out, "</select>");
}

static void add_input(const struct play_option *o, const char *value, struct buf *out)
{
    bool number = o->kind == PLAY_INTEGER || o->kind == PLAY_NUMBER;
    char range[120] = "";

    if (number)
        snprintf(range, sizeof(range), " type=\"number\" min=\"%.15g\" max=\"%.15g\" step=\"%s\"",
                 o->smallest, o->largest, o->kind == PLAY_NUMBER ? "any" : "1");
    html_addf(out, "<input id=\"%s\" name=\"%s\" value=\"%s\" maxlength=\"200\" ", o->name, o->name,
              value);
    buf_add_text(out, range);
    html_addf(out, " aria-describedby=\"about-%s\">", o->name);
    if (o->unit[0] != '\0')
        html_addf(out, " <span class=\"unit\">%s</span>", o->unit);
}

static void add_option(const struct play_option *o, const char *value, struct buf *out)
{
    html_addf(out, "<p class=\"option\"><label for=\"%s\">%s</label>\n", o->name, o->label);
    if (o->kind == PLAY_CHOICE || o->kind == PLAY_SWITCH)
        add_select(o, value, out);
    else
        add_input(o, value, out);
    html_addf(out, "\n<small id=\"about-%s\">%s", o->name, o->sentence);
    if (o->kind == PLAY_CHOICES) {
        struct buf words = {0};
        const char *at = o->choices;
        struct str word;
        while (play_list_next(&at, &word))
            buf_addf(&words, "%s%.*s", words.len > 0 ? ", " : "", STR_ARG(word));
        html_addf(out, " Some of these, with commas between them: %s.", words.data);
        buf_release(&words);
    }
    buf_add_text(out, "</small></p>\n");
}

static void add_form(const struct site *s, const struct wish *w, struct buf *out)
{
    int i;

    buf_add_text(out, "<form class=\"play\" action=\"/playground\">\n");
    add_workloads(w->play.workload, out);
    add_languages(s, w->language, out);
    buf_add_text(out, "<fieldset>\n<legend>Settings</legend>\n");
    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (play_option_is_for(&play_options[i], w->play.workload))
            add_option(&play_options[i], play_value(&w->play, i), out);
    buf_add_text(out, "</fieldset>\n<p><button>Show the program and the command</button></p>\n"
                      "</form>\n");
}

/* ---- what it comes to ---- */

/* Where no seed is said, the command is shown without one. */
static void add_command(struct wish *w, struct buf *out)
{
    struct play_setting setting;
    struct buf command = {0};
    char *seed;

    if (w->why.text[0] == '\0' && play_setting_init(&setting, &w->play, &w->why) == 0) {
        test_words(&setting.options, setting.options.seed, &command);
        seed = strstr(command.data, " --seed 0 ");
        if (!setting.options.seed_given && seed != NULL)
            memmove(seed, seed + 9, strlen(seed + 9) + 1);
        html_addf(out,
                  "<h2>At home</h2>\n<p>The same run on your own machine, without a limit on its "
                  "time; <code>./node</code> is your program, built.</p>\n"
                  "<pre tabindex=\"0\"><code>%s</code></pre>\n",
                  command.data);
        play_setting_release(&setting);
    } else {
        html_addf(out,
                  "<p class=\"refusal\" role=\"alert\">These settings cannot be run: %s.</p>\n",
                  w->why.text);
    }
    buf_release(&command);
}

static int add_program(const struct site *s, const struct wish *w, struct buf *out, struct err *err)
{
    json_t *starter = NULL, *file;
    size_t i;
    int status = starter_json(s, w->language, w->play.workload, &starter, err);

    if (status < 0)
        return status;
    html_addf(
        out,
        "<h2>A program to begin with</h2>\n<p>%s in %s: <code>%s</code>, beside the kit.</p>\n",
        w->play.workload, w->language->title, w->language->main);
    json_array_foreach(json_object_get(starter, "files"), i, file)
    {
        if (strcmp(json_string_value(json_object_get(file, "name")), w->language->main) == 0)
            html_addf(out, "<pre tabindex=\"0\"><code>%s</code></pre>\n",
                      json_string_value(json_object_get(file, "text")));
    }
    json_decref(starter);
    return 0;
}

static void add_props(const struct site *s, const struct wish *w, struct buf *out)
{
    json_t *options = json_object(), *props;
    char *text;
    int i;

    for (i = 0; i < PLAY_OPTION_COUNT; i++)
        if (w->play.values[i] != NULL)
            json_object_set_new(options, play_options[i].name, json_string(w->play.values[i]));
    props = json_pack("{s:s, s:s, s:o, s:b}", "workload", w->play.workload, "language",
                      w->language->name, "options", options, "open", s->jobs != NULL);
    text = json_dumps(props, JSON_COMPACT);
    html_addf(out, " data-props=\"%s\"", text != NULL ? text : "{}");
    free(text);
    json_decref(props);
}

static void add_summary(const struct wish *w, struct buf *out)
{
    struct play_workload known;
    char *summary;

    if (!play_workload_find(str_of(w->play.workload), &known))
        return;
    summary = mem_strndup(known.summary.data, known.summary.len);
    html_addf(out,
              "<p><strong>%s</strong>: %s <a href=\"/docs/workloads#%s\">More in the manual"
              "</a>.</p>\n",
              w->play.workload, summary, w->play.workload);
    mem_free(summary);
}

int page_playground(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct layout l = {
        .title = "Playground", .here = "/playground", .look = "wide", .who = q->person};
    struct buf *out = response_html(r, 200);
    struct wish w;
    int status;

    wish_init(&w, s, q);
    layout_begin(s, &l, out);
    buf_add_text(out,
                 "<h1>Playground</h1>\n<p class=\"lead\">Any workload, any program, any trouble: "
                 "write a node, choose what clients ask and what goes wrong, and see what "
                 "becomes of it. <a href=\"/docs/playground\">How it works</a>.</p>\n");
    layout_editor(s, out);
    buf_add_text(out, "<section class=\"playground\" aria-label=\"Playground\" "
                      "data-island=\"playground\"");
    add_props(s, &w, out);
    buf_add_text(out, ">\n");
    add_form(s, &w, out);
    add_summary(&w, out);
    add_command(&w, out);
    status = add_program(s, &w, out, err);
    buf_add_text(out, "</section>\n");
    layout_end(out);
    play_release(&w.play);
    return status;
}

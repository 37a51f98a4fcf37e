#include "form.h"

#include "html.h"

#include <jansson.h>
#include <stdlib.h>

static void begin(struct buf *out, const struct form *f, const char *class)
{
    json_t *props =
        json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?}", "method", f->method, "path", f->path,
                  "next", f->next, "show", f->show, "told", f->told, "ask", f->ask);
    char *text = json_dumps(props, JSON_COMPACT);

    html_addf(out, "<form class=\"%s\" method=\"post\" data-island=\"form\" data-props=\"%s\"",
              class, text != NULL ? text : "{}");
    if (f->label != NULL)
        html_addf(out, " aria-label=\"%s\"", f->label);
    buf_add_text(out, ">\n");
    free(text);
    json_decref(props);
}

void form_begin(struct buf *out, const struct form *f)
{
    begin(out, f, "form");
    buf_add_text(out, "<noscript><p class=\"note warn\">This form is sent by a script, and this "
                      "browser runs none.</p></noscript>\n");
}

void form_field(struct buf *out, const struct field *f)
{
    static const char *const types[] = {"text", "password", "number", "datetime-local"};
    static const char *const sent_as[] = {"text", "text", "number", "time"};
    const char *id = f->id != NULL ? f->id : f->name;

    html_addf(out, "<div class=\"field\"><label for=\"f-%s\">%s%s</label>", id, f->label,
              f->optional ? " (optional)" : "");
    html_addf(out, "<input id=\"f-%s\" name=\"%s\" type=\"%s\" data-as=\"%s\"", id, f->name,
              types[f->kind], sent_as[f->kind]);
    if (f->value != NULL)
        html_addf(out, " value=\"%s\"", f->value);
    if (f->autocomplete != NULL)
        html_addf(out, " autocomplete=\"%s\"", f->autocomplete);
    if (f->kind == FIELD_NUMBER)
        buf_add_text(out, " min=\"0\"");
    if (!f->optional)
        buf_add_text(out, " required");
    if (f->help != NULL)
        html_addf(out, " aria-describedby=\"h-%s\"><p class=\"help\" id=\"h-%s\">%s</p></div>\n",
                  id, id, f->help);
    else
        buf_add_text(out, "></div>\n");
}

void form_hidden(struct buf *out, const char *name, const char *value)
{
    html_addf(out, "<input type=\"hidden\" name=\"%s\" value=\"%s\" data-as=\"text\">\n", name,
              value);
}

void form_hidden_number(struct buf *out, const char *name, int64_t value)
{
    html_addf(out, "<input type=\"hidden\" name=\"%s\" data-as=\"number\" value=\"", name);
    buf_add_i64(out, value);
    buf_add_text(out, "\">\n");
}

void form_box(struct buf *out, const char *name, const char *label, bool checked)
{
    html_addf(out,
              "<label class=\"choice\"><input type=\"checkbox\" name=\"%s\" data-as=\"box\"%s> "
              "%s</label>\n",
              name, checked ? " checked" : "", label);
}

void form_task(struct buf *out, const char *track, const char *task, const char *title)
{
    html_addf(out,
              "<label class=\"choice\"><input type=\"checkbox\" name=\"tasks\" data-as=\"task\" "
              "value=\"%s/%s\"> %s</label>\n",
              track, task, title);
}

void form_choice_begin(struct buf *out, const char *name, const char *label)
{
    html_addf(out,
              "<div class=\"field\"><label for=\"f-%s\">%s</label>"
              "<select id=\"f-%s\" name=\"%s\" data-as=\"text\">\n",
              name, label, name, name);
}

void form_choice(struct buf *out, const char *value, const char *words, bool chosen)
{
    html_addf(out, "<option value=\"%s\"%s>%s</option>\n", value, chosen ? " selected" : "", words);
}

void form_choice_end(struct buf *out)
{
    buf_add_text(out, "</select></div>\n");
}

static void end(struct buf *out, const char *words, const char *kind)
{
    html_addf(out, "<button class=\"button %s\">%s</button>", kind, words);
}

/* The island writes into the element that is told; it is there from the beginning, so that readers
 * of the screen hear what comes into it. */
void form_end(struct buf *out, const char *words, const char *kind)
{
    buf_add_text(out, "<div class=\"actions\">");
    end(out, words, kind);
    buf_add_text(out, "</div>\n<div class=\"told\" role=\"status\"></div>\n</form>\n");
}

void form_button(struct buf *out, const struct form *f, const char *const *values,
                 const char *words, const char *kind)
{
    begin(out, f, "form-button cluster");
    for (; values != NULL && *values != NULL; values += 2)
        form_hidden(out, values[0], values[1]);
    end(out, words, kind);
    buf_add_text(out, "<span class=\"told\" role=\"status\"></span></form>\n");
}

void form_button_box(struct buf *out, const struct form *f, const char *name, bool value,
                     const char *words, const char *kind)
{
    begin(out, f, "form-button cluster");
    html_addf(out, "<input type=\"hidden\" name=\"%s\" value=\"%s\" data-as=\"truth\">\n", name,
              value ? "true" : "false");
    end(out, words, kind);
    buf_add_text(out, "<span class=\"told\" role=\"status\"></span></form>\n");
}

/* The frame of every page. It works without scripts: the menu is a list of links, the search a form
 * with GET. What scripts add are islands, elements with data-island (ui/src). */
#include "pages.h"

#include "../accounts/person.h"
#include "../course/track.h"
#include "html.h"
#include "response.h"
#include "site.h"
#include "statics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct entry {
    const char *url, *words;
    enum role least;
} menu[] = {
    {"/", "Tracks", ROLE_NOBODY},
    {"/playground", "Playground", ROLE_NOBODY},
    {"/progress", "Progress", ROLE_NOBODY},
    {"/docs", "Manual", ROLE_NOBODY},
    /* where there are accounts: */
    {"/teach", "Classes", ROLE_TEACHER},
    {"/admin", "Server", ROLE_ADMIN},
    {"/account", "Account", ROLE_LEARNER},
};
static const struct entry sign_in = {"/sign-in", "Sign in", ROLE_NOBODY};

static void add_entry(const struct entry *e, const char *here, struct buf *out)
{
    html_addf(out, "<a href=\"%s\"", e->url);
    if (here != NULL && strcmp(e->url, here) == 0)
        buf_add_text(out, " aria-current=\"page\"");
    html_addf(out, ">%s</a>\n", e->words);
}

/* Nobody is shown what he may not have, and the one of a server without accounts not more than he
 * needs. */
static void add_menu(const struct site *s, const struct layout *l, struct buf *out)
{
    enum role role = l->who != NULL && l->who->id > 0 ? l->who->role : ROLE_NOBODY;
    size_t i;

    buf_add_text(out, "<nav class=\"menu\" aria-label=\"Main\">\n");
    for (i = 0; i < sizeof(menu) / sizeof(menu[0]); i++)
        if (menu[i].least <= role)
            add_entry(&menu[i], l->here, out);
    if (s->accounts != NULL && l->who == NULL)
        add_entry(&sign_in, l->here, out);
    buf_add_text(out, "</nav>\n");
}

/* A module, which runs when the page is read. Nothing where the program was built without it. */
static void add_script(const struct site *s, const char *name, struct buf *out)
{
    const char *url = statics_url(s->statics, name);

    if (url[0] != '\0')
        html_addf(out, "<script type=\"module\" src=\"%s\"></script>\n", url);
}

static void add_style(const struct site *s, const char *name, struct buf *out)
{
    html_addf(out, "<link rel=\"stylesheet\" href=\"%s\">\n", statics_url(s->statics, name));
}

bool layout_editor(const struct site *s, struct buf *out)
{
    if (statics_url(s->statics, "editor.js")[0] == '\0')
        return false;
    add_style(s, "editor.css", out);
    add_script(s, "editor.js", out);
    return true;
}

/* Whose page it is, for its scripts: where several people use one browser, a window may outlive who
 * opened it (request_is_of_its_page), and texts that the browser keeps are somebody's. */
static void add_body(const struct site *s, const struct person *who, struct buf *out)
{
    char id[24] = "nobody";

    if (who != NULL)
        snprintf(id, sizeof(id), "%" PRId64, who->id);
    if (s->accounts != NULL)
        html_addf(out, "<body data-person=\"%s\">\n", id);
    else
        buf_add_text(out, "<body>\n");
}

static void add_head(const struct site *s, const struct layout *l, struct buf *out)
{
    const char *icon = statics_url(s->statics, "icon.svg");

    buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"color-scheme\" content=\"light dark\">\n");
    html_addf(out, "<title>%s · eddy</title>\n", l->title);
    /* before anything is drawn, so it is no module */
    html_addf(out, "<script src=\"%s\"></script>\n", statics_url(s->statics, "theme.js"));
    add_style(s, "style.css", out);
    add_style(s, "pages.css", out);
    html_addf(out, "<link rel=\"icon\" type=\"image/svg+xml\" href=\"%s\">\n", icon);
    add_script(s, "app.js", out);
    buf_add_text(out, "</head>\n");
    add_body(s, l->who, out);
}

void layout_begin(const struct site *s, const struct layout *l, struct buf *out)
{
    add_head(s, l, out);
    html_addf(out,
              "<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
              "<header class=\"site-head\"><div class=\"inner\">\n"
              "<a class=\"brand\" href=\"/\"><img src=\"%s\" alt=\"\" width=\"26\" "
              "height=\"26\">eddy</a>\n",
              statics_url(s->statics, "icon.svg"));
    add_menu(s, l, out);
    html_addf(out,
              "<form class=\"search\" role=\"search\" action=\"/search\" data-island=\"search\">"
              "<input type=\"search\" name=\"q\" value=\"%s\" maxlength=\"200\" "
              "placeholder=\"Search all texts\" aria-label=\"Search all texts\" "
              "autocomplete=\"off\"><button class=\"button\">Search</button></form>\n"
              "<div class=\"theme\" data-island=\"theme\"></div>\n</div></header>\n"
              "<main id=\"content\" tabindex=\"-1\" class=\"%s\">\n",
              l->query != NULL ? l->query : "", l->look != NULL ? l->look : "");
}

void layout_end(struct buf *out)
{
    buf_add_text(out, "</main>\n<footer class=\"site-foot\"><div class=\"inner\">\n"
                      "<p>eddy: build distributed systems, and see why they break.</p>\n"
                      "<p><a href=\"/docs\">Manual</a></p>\n</div></footer>\n"
                      "</body>\n</html>\n");
}

const char *layout_state(const struct site_progress *p, const struct track *t,
                         const struct task *task)
{
    if (site_progress_passed(p, t->slug, task->slug))
        return "passed";
    return site_progress_begun(p, t->slug, task->slug) ? "begun" : "open";
}

void layout_level(uint32_t level, struct buf *out)
{
    uint32_t i;

    if (level == 0)
        return;
    html_addf(out, "<span class=\"level\" role=\"img\" aria-label=\"level %u of 5\">", level);
    for (i = 0; i < 5; i++)
        buf_add_text(out, i < level ? "★" : "<span class=\"off\">★</span>");
    buf_add_text(out, "</span>");
}

void layout_bytes(int64_t bytes, struct buf *out)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    char text[40];
    int unit = 0;

    while (size >= 1024 && unit < 4) {
        size /= 1024;
        unit++;
    }
    snprintf(text, sizeof(text), unit > 0 && size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
    buf_add_text(out, text);
}

void layout_time(int64_t ms, struct buf *out)
{
    time_t seconds = (time_t)(ms / 1000);
    char text[40] = "", exact[40] = "";
    struct tm t;

    if (ms <= 0 || gmtime_r(&seconds, &t) == NULL)
        return;
    strftime(exact, sizeof(exact), "%Y-%m-%dT%H:%M:%SZ", &t);
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &t);
    html_addf(out, "<time datetime=\"%s\">%s</time>", exact, text);
}

void layout_bar(uint32_t passed, uint32_t count, struct buf *out)
{
    html_addf(out,
              "<span class=\"bar\"><progress max=\"%u\" value=\"%u\" aria-label=\"passed\">"
              "</progress> <span>%u of %u passed</span></span>",
              count, passed, passed, count);
}

void page_error(const struct site *s, unsigned status, const char *detail, struct response *r)
{
    struct buf *out = response_html(r, status);
    struct layout l = {.title = response_reason(status), .who = r->who};

    layout_begin(s, &l, out);
    html_addf(out,
              "<h1>%s</h1>\n<p class=\"lead\">%s</p>\n"
              "<p><a href=\"/\">All tracks</a></p>\n",
              response_reason(status), detail);
    layout_end(out);
}

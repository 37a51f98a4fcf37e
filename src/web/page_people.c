/* /admin/people: who has an account, and what may be changed about it. */
#include "pages.h"

#include "../accounts/accounts.h"
#include "../accounts/people.h"
#include "../base/err.h"
#include "form.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "url.h"

#include <stdio.h>
#include <string.h>

struct listing {
    struct buf *out;
    char last[PERSON_NAME_MAX + 1];
};

static void add_role(const char *path, enum role now, struct buf *out)
{
    const struct form f = {.method = "PUT", .path = path, .label = "Role"};
    const char *const values[] = {"role", now == ROLE_LEARNER ? "teacher" : "learner", NULL};

    if (now == ROLE_ADMIN)
        return;
    form_button(out, &f, values, now == ROLE_LEARNER ? "Make a teacher" : "Make a learner",
                "small");
}

static void add_closing(const char *path, bool closed, struct buf *out)
{
    const struct form f = {.method = "PUT",
                           .path = path,
                           .label = "Close or open",
                           .ask = closed ? NULL : "Close this account? All its sign-ins end."};

    form_button_box(out, &f, "closed", !closed, closed ? "Open again" : "Close", "small");
}

static void add_account(void *owner, const struct account *a)
{
    char path[64], reset[80];
    const struct form link = {.method = "POST",
                              .path = reset,
                              .label = "Link for a new password",
                              .show = "path",
                              .told = "Good for two days and once; it is shown this once."};
    struct listing *l = owner;
    struct buf *out = l->out;

    snprintf(path, sizeof(path), "/admin/users/%lld", (long long)a->person.id);
    snprintf(reset, sizeof(reset), "%s/password", path);
    snprintf(l->last, sizeof(l->last), "%s", a->person.name);
    html_addf(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s", a->person.name, a->full_name,
              role_text(a->person.role));
    buf_add_text(out,
                 a->closed ? " <span class=\"badge bad\">closed</span></td><td>" : "</td><td>");
    layout_time(a->seen_ms, out);
    buf_add_text(out, "</td><td><div class=\"cluster\">");
    add_role(path, a->person.role, out);
    add_closing(path, a->closed, out);
    form_button(out, &link, NULL, "New password", "small");
    buf_add_text(out, "</div></td></tr>\n");
}

static void add_invitation(struct buf *out)
{
    const struct form f = {.method = "POST",
                           .path = "/invitations",
                           .label = "Invite",
                           .show = "path",
                           .told = "Hand this link on; it is shown once."};
    const struct field uses = {
        .name = "uses", .label = "For so many people", .kind = FIELD_NUMBER, .value = "1"};
    const struct field days = {
        .name = "days", .label = "Good for days", .kind = FIELD_NUMBER, .value = "14"};

    buf_add_text(out, "<details class=\"fold\"><summary>Invite</summary>\n");
    form_begin(out, &f);
    form_choice_begin(out, "role", "Role");
    form_choice(out, "learner", "Learner", true);
    form_choice(out, "teacher", "Teacher", false);
    form_choice(out, "admin", "Admin", false);
    form_choice_end(out);
    form_field(out, &uses);
    form_field(out, &days);
    form_end(out, "Make a link", "primary");
    buf_add_text(out, "</details>\n");
}

static void add_more(const char *containing, const char *last, struct buf *out)
{
    struct buf url = {0};

    buf_add_text(&url, "/admin/people?q=");
    url_encode(str_of(containing), &url);
    buf_add_text(&url, "&after=");
    url_encode(str_of(last), &url);
    html_addf(out, "<p><a class=\"button\" href=\"%s\">More</a></p>\n", url.data);
    buf_release(&url);
}

int page_people(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout layout = {.title = "People", .here = "/admin", .look = "wide", .who = q->person};
    const char *containing = request_value(q, "q");
    struct listing l = {.out = NULL, .last = ""};
    int count;

    if (s->accounts == NULL) {
        page_error(s, 404, "This server has no accounts.", r);
        return 0;
    }
    l.out = response_html(r, 200);
    layout_begin(s, &layout, l.out);
    html_addf(
        l.out,
        "<nav class=\"trail\" aria-label=\"Where you are\"><a href=\"/admin\">Server</a><span "
        "aria-current=\"page\">People</span></nav>\n<h1>People</h1>\n"
        "<form class=\"cluster\" role=\"search\"><input type=\"search\" name=\"q\" "
        "value=\"%s\" placeholder=\"Name contains\" aria-label=\"Name contains\"><button "
        "class=\"button\">Find</button>"
        "</form>\n",
        containing);
    add_invitation(l.out);
    buf_add_text(l.out, "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"People\">"
                        "<table class=\"data\"><thead><tr><th>Name</th><th>Full name</th><th>Role"
                        "</th><th>Last seen</th><th>Change</th></tr></thead><tbody>\n");
    count = people_list(s->accounts, str_of(containing), str_of(request_value(q, "after")),
                        add_account, &l, err);
    buf_add_text(l.out, "</tbody></table></div>\n");
    if (count == PEOPLE_PAGE)
        add_more(containing, l.last, l.out);
    layout_end(l.out);
    return count < 0 ? count : 0;
}

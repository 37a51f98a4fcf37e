/* What one person sees of his own account: coming in, staying, leaving. Forms speak with the API
 * (form.h); what they may do is decided there. */
#include "pages.h"

#include "../accounts/accounts.h"
#include "../accounts/classes.h"
#include "../accounts/identity.h"
#include "../accounts/link.h"
#include "../accounts/oidc.h"
#include "../accounts/people.h"
#include "../accounts/session.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "form.h"
#include "html.h"
#include "request.h"
#include "response.h"
#include "site.h"
#include "url.h"

#include <stdio.h>
#include <string.h>

static int no_accounts(const struct site *s, struct response *r)
{
    page_error(s, 404, "This server has no accounts: everything here is yours.", r);
    return 0;
}

/* Where to go after signing in: an address of this server, or its beginning. "//x" and "/\x" are
 * other servers to a browser. */
static const char *next_of(const struct request *q)
{
    const char *next = request_value(q, "next");

    return next[0] == '/' && next[1] != '/' && next[1] != '\\' ? next : "/";
}

static struct buf *begin(const struct site *s, const struct layout *l, struct response *r)
{
    struct buf *out = response_html(r, 200);

    layout_begin(s, l, out);
    html_addf(out, "<h1>%s</h1>\n", l->title);
    return out;
}

static const struct field name_field = {
    .name = "name", .label = "Name", .autocomplete = "username"};
static const struct field password_field = {.name = "password",
                                            .label = "Password",
                                            .kind = FIELD_PASSWORD,
                                            .autocomplete = "current-password"};
static const struct field new_password_field = {
    .name = "password",
    .label = "New password",
    .kind = FIELD_PASSWORD,
    .help = "Ten characters or more; a few words that belong to nobody else are best.",
    .autocomplete = "new-password"};

/* ---- coming in ---- */

struct way {
    const char *words, *next, *invitation; /* invitation may be "" */
};

static void add_providers(const struct accounts *a, const struct way *way, struct buf *out)
{
    struct buf url = {0};
    uint32_t i;

    if (a->provider_count == 0)
        return;
    buf_add_text(out, "<p class=\"cluster\">\n");
    for (i = 0; i < a->provider_count; i++) {
        const char *name = a->providers[i]->name;
        buf_reset(&url);
        buf_addf(&url, "/auth/%s?next=", name);
        url_encode(str_of(way->next), &url);
        if (way->invitation[0] != '\0') {
            buf_add_text(&url, "&invitation=");
            url_encode(str_of(way->invitation), &url);
        }
        html_addf(out, "<a class=\"button\" href=\"%s\">%s %s</a>\n", url.data, way->words, name);
    }
    buf_add_text(out, "</p>\n");
    buf_release(&url);
}

/* A link to where one goes on from there, which the address keeps. */
static void add_way(const char *place, const char *next, const char *look, const char *words,
                    struct buf *out)
{
    struct buf url = {0};

    buf_add_text(&url, place);
    if (strcmp(next, "/") != 0) {
        buf_add_text(&url, "?next=");
        url_encode(str_of(next), &url);
    }
    html_addf(out, "<a class=\"%s\" href=\"%s\">%s</a>", look, url.data, words);
    buf_release(&url);
}

int page_sign_in(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const char *next = next_of(q);
    const struct form f = {.method = "POST", .path = "/session", .label = "Sign in", .next = next};
    struct layout l = {.title = "Sign in", .here = "/sign-in", .look = "narrow", .who = q->person};
    struct buf *out;

    (void)err;
    if (s->accounts == NULL)
        return no_accounts(s, r);
    if (q->person != NULL) {
        response_redirect(r, next);
        return 0;
    }
    out = begin(s, &l, r);
    form_begin(out, &f);
    form_field(out, &name_field);
    form_field(out, &password_field);
    form_end(out, "Sign in", "primary");
    add_providers(s->accounts, &(struct way){"Sign in with", next, ""}, out);
    if (s->accounts->open_sign_up) {
        buf_add_text(out, "<p>No account yet? ");
        add_way("/sign-up", next, "", "Sign up", out);
        buf_add_text(out, "</p>\n");
    } else {
        buf_add_text(out, "<p class=\"soft\">Accounts are by invitation here: whoever teaches or "
                          "runs this server sends a link.</p>\n");
    }
    buf_add_text(out, "<p class=\"soft\">Password forgotten? Whoever runs this server can send you "
                      "a link for a new one.</p>\n");
    layout_end(out);
    return 0;
}

enum { PLACE_SIZE = 64 };

/* Who is invited into a class begins there: the place is put into class_place if so. */
static int first_place(const struct site *s, const struct request *q, char class_place[PLACE_SIZE],
                       const char **ret_next, struct err *err)
{
    struct str token = str_of(request_value(q, "invitation"));
    struct link link;
    int status = link_find(s->accounts, token, LINK_SIGN_UP, &link, err);

    if (status < 0)
        return status;
    *ret_next = next_of(q);
    if (status == 0 || link.class_id == 0 || request_value(q, "next")[0] != '\0')
        return 0;
    snprintf(class_place, PLACE_SIZE, "/classes/%lld", (long long)link.class_id);
    *ret_next = class_place;
    return 0;
}

static int check_invitation(const struct site *s, const char *invitation, struct response *r,
                            struct err *err)
{
    struct err why = {.text = ""};
    int may = people_may_sign_up(s->accounts, str_of(invitation), &why);

    if (may < 0)
        *err = why;
    if (may == 0)
        page_error(s, 403, why.text, r);
    return may;
}

int page_sign_up(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const char *invitation = request_value(q, "invitation"), *next = NULL;
    struct form f = {.method = "POST", .path = "/users", .label = "Sign up"};
    struct layout l = {.title = "Sign up", .here = "/sign-up", .look = "narrow", .who = q->person};
    struct field name = name_field, password = new_password_field;
    const struct field full_name = {.name = "full_name",
                                    .label = "Full name",
                                    .help = "What a teacher reads in a list.",
                                    .autocomplete = "name",
                                    .optional = true};
    char class_place[PLACE_SIZE];
    struct buf *out;
    int status;

    if (s->accounts == NULL)
        return no_accounts(s, r);
    status = check_invitation(s, invitation, r, err);
    if (status == 1)
        status = first_place(s, q, class_place, &next, err);
    if (next == NULL)
        return status;
    f.next = next;
    name.help = "Small letters, digits and . _ - between them. Others see it, and it stays.";
    password.label = "Password";
    out = begin(s, &l, r);
    form_begin(out, &f);
    form_field(out, &name);
    form_field(out, &full_name);
    form_field(out, &password);
    if (invitation[0] != '\0')
        form_hidden(out, "invitation", invitation);
    form_end(out, "Sign up", "primary");
    add_providers(s->accounts, &(struct way){"Sign up with", next, invitation}, out);
    buf_add_text(out, "<p class=\"soft\">Nothing else is asked for, and no e-mail is sent. You can "
                      "take all of it with you, or delete it, at any time.</p>\n");
    layout_end(out);
    return 0;
}

int page_new_password(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    const struct form f = {
        .method = "POST", .path = "/password", .label = "New password", .next = "/sign-in"};
    struct layout l = {.title = "New password", .here = "", .look = "narrow", .who = q->person};
    struct buf *out;

    (void)err;
    if (s->accounts == NULL)
        return no_accounts(s, r);
    out = begin(s, &l, r);
    buf_add_text(out, "<p>All other sign-ins of yours end when it is set.</p>\n");
    form_begin(out, &f);
    form_field(out, &new_password_field);
    form_hidden(out, "link", request_value(q, "link"));
    form_end(out, "Set the password", "primary");
    layout_end(out);
    return 0;
}

/* Who has not signed in comes back here with the link. */
static void add_ways_in(const struct accounts *a, const char *link, struct buf *out)
{
    struct buf here = {0};

    buf_add_text(&here, "/join?link=");
    url_encode(str_of(link), &here);
    buf_add_text(out, "<p>To join you need an account here.</p>\n<p class=\"cluster\">");
    add_way("/sign-in", here.data, "button primary", "Sign in", out);
    if (a->open_sign_up)
        add_way("/sign-up", here.data, "button", "Sign up", out);
    buf_add_text(out, "</p>\n");
    if (!a->open_sign_up)
        buf_add_text(out, "<p class=\"soft\">You have none? Accounts are by invitation here: your "
                          "teacher can send you a link for that, too.</p>\n");
    buf_release(&here);
}

int page_join(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct form f = {.method = "POST",
                           .path = "/memberships",
                           .label = "Join the class",
                           .next = "/classes/{id}"};
    struct layout l = {.title = "Join a class", .look = "narrow", .who = q->person};
    const char *link = request_value(q, "link");
    struct buf *out;

    (void)err;
    if (s->accounts == NULL)
        return no_accounts(s, r);
    out = begin(s, &l, r);
    buf_add_text(out, "<p>Teachers of a class see what its learners hand in, and how far they are. "
                      "You can leave it at any time.</p>\n");
    if (q->person == NULL) {
        add_ways_in(s->accounts, link, out);
    } else {
        form_begin(out, &f);
        form_hidden(out, "link", link);
        form_end(out, "Join", "primary");
    }
    layout_end(out);
    return 0;
}

/* ---- one's own ---- */

static void add_facts(const struct account *a, struct buf *out)
{
    const struct form name = {.method = "PUT", .path = "/me", .label = "Full name"};
    const struct form sign_out = {
        .method = "DELETE", .path = "/session", .label = "Sign out", .next = "/"};
    const struct field full_name = {.name = "full_name",
                                    .label = "Full name",
                                    .value = a->full_name,
                                    .autocomplete = "name",
                                    .optional = true};

    html_addf(out,
              "<dl class=\"facts-list\"><div><dt>Name</dt><dd>%s</dd></div>"
              "<div><dt>Role</dt><dd>%s</dd></div><div><dt>Since</dt><dd>",
              a->person.name, role_text(a->person.role));
    layout_time(a->made_ms, out);
    buf_add_text(out, "</dd></div></dl>\n");
    form_button(out, &sign_out, NULL, "Sign out", "");
    form_begin(out, &name);
    form_field(out, &full_name);
    form_end(out, "Save", "");
}

static void add_password(const struct account *a, struct buf *out)
{
    const struct form f = {.method = "PUT",
                           .path = "/me/password",
                           .label = "Password",
                           .told = "The password is set. All other sign-ins have ended."};
    const struct field old = {.name = "old",
                              .label = "Password so far",
                              .kind = FIELD_PASSWORD,
                              .autocomplete = "current-password"};
    struct field fresh = new_password_field;

    fresh.name = "new";
    buf_add_text(out, "<h2>Password</h2>\n");
    form_begin(out, &f);
    if (a->has_password)
        form_field(out, &old);
    form_field(out, &fresh);
    form_end(out, "Set the password", "");
}

static void add_session(void *out, int64_t made_ms, int64_t seen_ms)
{
    buf_add_text(out, "<li>Since ");
    layout_time(made_ms, out);
    buf_add_text(out, ", last used ");
    layout_time(seen_ms, out);
    buf_add_text(out, "</li>\n");
}

static int add_sessions(const struct site *s, int64_t person, struct buf *out, struct err *err)
{
    const struct form end = {.method = "DELETE",
                             .path = "/sessions",
                             .label = "End all sign-ins",
                             .next = "/sign-in",
                             .ask = "Sign out everywhere, here as well?"};
    int count;

    buf_add_text(out, "<h2>Where you are signed in</h2>\n<ul class=\"listing\">\n");
    count = session_list(s->accounts, person, add_session, out, err);
    buf_add_text(out, "</ul>\n");
    form_button(out, &end, NULL, "Sign out everywhere", "");
    return count < 0 ? count : 0;
}

/* The provider of an issuer; NULL: the server knows it no more. */
static const struct oidc_provider *provider_of(const struct accounts *a, struct str issuer)
{
    uint32_t i;

    for (i = 0; i < a->provider_count; i++)
        if (str_is(issuer, a->providers[i]->issuer))
            return a->providers[i];
    return NULL;
}

struct identities {
    const struct accounts *accounts;
    struct buf *out;
};

static void add_identity(void *owner, struct str issuer, struct str subject, int64_t made_ms)
{
    char path[64];
    const struct form f = {.method = "DELETE",
                           .path = path,
                           .label = "Unlink",
                           .ask = "Sign in with this provider no more?"};
    const struct identities *list = owner;
    const struct oidc_provider *p = provider_of(list->accounts, issuer);

    (void)subject;
    if (p == NULL)
        return;
    snprintf(path, sizeof(path), "/me/identities/%s", p->name);
    html_addf(list->out, "<li class=\"spread\"><span>%s, since ", p->name);
    layout_time(made_ms, list->out);
    buf_add_text(list->out, "</span>");
    form_button(list->out, &f, NULL, "Unlink", "small");
    buf_add_text(list->out, "</li>\n");
}

static int add_identities(const struct site *s, int64_t person, struct buf *out, struct err *err)
{
    struct identities list = {s->accounts, out};
    int count;

    if (s->accounts->provider_count == 0)
        return 0;
    buf_add_text(out, "<h2>Other ways in</h2>\n<ul class=\"listing\">\n");
    count = identity_list(s->accounts, person, add_identity, &list, err);
    buf_add_text(out, "</ul>\n");
    add_providers(s->accounts, &(struct way){"Link", "/account", ""}, out);
    return count < 0 ? count : 0;
}

struct classes {
    int64_t person;
    struct buf *out;
};

static void add_class(void *owner, const struct class_view *c)
{
    const struct classes *list = owner;
    struct buf *out = list->out;
    char path[64];
    const struct form leave = {.method = "DELETE",
                               .path = path,
                               .label = "Leave the class",
                               .ask = "Leave this class? Its teachers see your work no more."};

    snprintf(path, sizeof(path), "/classes/%lld/members/%lld", (long long)c->id,
             (long long)list->person);
    buf_add_text(out, "<li class=\"spread\">");
    if (c->part == CLASS_TEACHER)
        html_addf(out,
                  "<a href=\"/teach/classes/%d\">%s</a> <span class=\"badge\">you teach</span>",
                  (int)c->id, c->title);
    else
        html_addf(out, "<a href=\"/classes/%d\">%s</a>", (int)c->id, c->title);
    form_button(out, &leave, NULL, "Leave", "small");
    buf_add_text(out, "</li>\n");
}

static int add_classes(const struct site *s, int64_t person, struct buf *out, struct err *err)
{
    struct classes list = {person, out};
    int count;

    buf_add_text(out, "<h2>Classes</h2>\n<ul class=\"listing\">\n");
    count = class_list(s->accounts, person, false, add_class, &list, err);
    buf_add_text(out, "</ul>\n");
    if (count == 0)
        buf_add_text(out, "<p class=\"soft\">You are in none. Teachers send links to join.</p>\n");
    return count < 0 ? count : 0;
}

static void add_leaving(const struct account *a, struct buf *out)
{
    const struct form f = {
        .method = "DELETE",
        .path = "/me",
        .label = "Delete the account",
        .next = "/",
        .ask = "Delete your account and everything that you wrote here? Nobody can undo it."};
    const struct field name = {.name = "name", .label = "Your name, to be sure"};

    buf_add_text(out,
                 "<h2>Your data</h2>\n<p>Everything that this server has of you, in one file.</p>\n"
                 "<p><a class=\"button\" href=\"/api/v1/me/export\" download>Download</a></p>\n"
                 "<details class=\"fold\"><summary>Delete the account</summary>\n<p>All that "
                 "you wrote and handed in is removed. Copies remain in backups until those "
                 "are removed.</p>\n");
    form_begin(out, &f);
    form_field(out, &name);
    if (a->has_password)
        form_field(out, &password_field);
    form_end(out, "Delete my account", "danger");
    buf_add_text(out, "</details>\n");
}

int page_account(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct layout l = {.title = "Account", .here = "/account", .look = "narrow", .who = q->person};
    struct account account;
    struct buf *out;
    int status;

    if (s->accounts == NULL)
        return no_accounts(s, r);
    status = people_find(s->accounts, q->person->id, &account, err);
    if (status <= 0)
        return status < 0 ? status : no_accounts(s, r);
    out = begin(s, &l, r);
    add_facts(&account, out);
    status = add_classes(s, q->person->id, out, err);
    add_password(&account, out);
    if (status == 0)
        status = add_identities(s, q->person->id, out, err);
    if (status == 0)
        status = add_sessions(s, q->person->id, out, err);
    add_leaving(&account, out);
    layout_end(out);
    return status;
}

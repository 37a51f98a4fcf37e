/* Signing in at a provider: two addresses that a browser is sent to, so what goes wrong is a page.
 *
 *     /auth/NAME           a flow begins: its secrets here, a token in a cookie, the browser away
 *     /auth/NAME/callback  the flow is found by state and cookie, once; the provider is asked for
 *                          the token; then somebody is signed in, linked, or signed up
 *
 * The cookie ties a flow to the browser that began it: else somebody could finish his own sign-in
 * in another's browser, who would then work in his account. Nothing of the address's query but the
 * code goes to the provider, and nothing of it comes onto a page. */
#include "api_account.h"

#include "../accounts/accounts.h"
#include "../accounts/flow.h"
#include "../accounts/session.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "account_reply.h"
#include "request.h"
#include "response.h"
#include "routes.h"
#include "site.h"

#include <stdio.h>
#include <string.h>

#define FLOW_COOKIE "eddy_flow"

/* A page, and with it the address without what came in the query. */
static int tell(const struct site *s, unsigned status, const char *why, struct response *r)
{
    routes_error(s, "/auth", status, why, r);
    return 0;
}

/* An address of this server, to be gone to after signing in; else the front page. */
static const char *own_address(const char *next)
{
    const unsigned char *at;

    if (next[0] != '/' || next[1] == '/' || next[1] == '\\' || strlen(next) > FLOW_NEXT_MAX)
        return "/";
    for (at = (const unsigned char *)next; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7f || *at == '\\')
            return "/";
    return next;
}

/* ---- away ---- */

struct leaving {
    struct flow flow;
    char *callback;
    struct buf url;
    int status;
    struct err err;
};

static void leaving_free(void *owner)
{
    struct leaving *l = owner;

    mem_free(l->callback);
    buf_release(&l->url);
    secret_forget(l, sizeof(*l));
    mem_free(l);
}

static void leaving_work(void *owner)
{
    struct leaving *l = owner;

    l->status = oidc_begin(l->flow.provider, &l->flow.secrets, l->callback, &l->url, &l->err);
}

static int leaving_answer(void *owner, const struct site *s, struct response *r, struct err *err)
{
    const struct response_cookie cookie = {.name = FLOW_COOKIE,
                                           .value = ((struct leaving *)owner)->flow.browser,
                                           .max_age_s = FLOW_MS / 1000,
                                           .secure = s->accounts->secure};
    struct leaving *l = owner;

    if (l->status < 0) {
        *err = l->err;
        fprintf(stderr, "sign-in at %s: %s\n", l->flow.provider->name, err->text);
        return tell(s, 503,
                    "The provider does not answer as it should, so nobody can sign in there just "
                    "now. Please try again later, or sign in with a password.",
                    r);
    }
    flows_add(s->accounts->flows, &l->flow, accounts_now(s->accounts));
    response_redirect(r, l->url.data);
    response_cookie(r, &cookie);
    return 0;
}

static char *callback_of(const struct accounts *a, const struct oidc_provider *p)
{
    struct buf url = {0};

    buf_addf(&url, "%s/auth/%s/callback", a->url, p->name);
    return buf_take(&url);
}

/* The provider that the path names; NULL, and r is a page. */
static const struct oidc_provider *provider_of(const struct site *s, const struct request *q,
                                               struct response *r)
{
    const struct oidc_provider *p = NULL;

    if (s->accounts != NULL)
        p = accounts_provider(s->accounts, q->words[0].data, q->words[0].len);
    if (p == NULL)
        tell(s, 404, "There is no provider of this name.", r);
    return p;
}

int auth_begin(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct oidc_provider *p = provider_of(s, q, r);
    const char *invitation = request_value(q, "invitation");
    struct leaving *l;

    (void)err;
    if (p == NULL)
        return 0;
    if (!reply_is_allowed_from(s, THROTTLE_PROVIDER, q, r))
        return tell(s, 429, "That was too often; please try again in a minute.", r);
    l = mem_zalloc(sizeof(*l));
    oidc_secrets_new(&l->flow.secrets);
    secret_new(l->flow.browser);
    l->flow.provider = p;
    l->flow.person = q->person != NULL ? q->person->id : 0;
    snprintf(l->flow.next, sizeof(l->flow.next), "%s", own_address(request_value(q, "next")));
    if (strlen(invitation) < sizeof(l->flow.invitation))
        memcpy(l->flow.invitation, invitation, strlen(invitation) + 1);
    l->callback = callback_of(s->accounts, p);
    r->later = (struct response_later){leaving_work, leaving_answer, leaving_free, l};
    return 0;
}

/* ---- and back ---- */

struct coming {
    struct flow flow;
    char *callback, *code;
    int64_t now_s;
    struct oidc_identity who;
    int status;
    struct err err;
};

static void coming_free(void *owner)
{
    struct coming *c = owner;

    mem_free(c->callback);
    secret_forget(c->code, strlen(c->code));
    mem_free(c->code);
    secret_forget(c, sizeof(*c));
    mem_free(c);
}

static void coming_work(void *owner)
{
    struct coming *c = owner;

    c->status = oidc_finish(c->flow.provider, &c->flow.secrets, c->callback, c->code, c->now_s,
                            &c->who, &c->err);
}

/* A person for an identity that is nobody's: 1 and his number, or 0 and why not. */
static int sign_up(const struct site *s, const struct coming *c, int64_t *ret_id, struct err *err)
{
    char name[PERSON_NAME_MAX + 1];
    struct sign_up u = {.full_name = str_of(c->who.full_name),
                        .hash = "",
                        .invitation = str_of(c->flow.invitation),
                        .issuer = str_of(c->who.issuer),
                        .subject = str_of(c->who.subject)};
    struct person person;
    int status = people_may_sign_up(s->accounts, u.invitation, err);

    if (status == 1)
        status = people_free_name(s->accounts, c->who.name, name, err);
    u.name = str_of(name);
    if (status == 1)
        status = people_sign_up(s->accounts, &u, &person, err);
    if (status == 1)
        *ret_id = person.id;
    return status;
}

/* Whose it is, or becomes. */
static int find_person(const struct site *s, const struct coming *c, int64_t *ret_id,
                       struct err *err)
{
    struct str issuer = str_of(c->who.issuer), subject = str_of(c->who.subject);
    int status;

    if (c->flow.person != 0) {
        *ret_id = c->flow.person;
        return identity_add(s->accounts, c->flow.person, issuer, subject, err);
    }
    status = identity_person(s->accounts, issuer, subject, ret_id, err);
    return status == 0 ? sign_up(s, c, ret_id, err) : status;
}

static int coming_answer(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct coming *c = owner;
    char token[SECRET_TEXT_SIZE];
    int64_t person = 0;
    int status;

    if (c->status < 0) {
        fprintf(stderr, "sign-in at %s: %s\n", c->flow.provider->name, c->err.text);
        return tell(s, 403,
                    "The provider did not say in a way that can be trusted who you are. Please try "
                    "again; if it happens again, tell those who run this server.",
                    r);
    }
    status = find_person(s, c, &person, err);
    if (status == 0)
        return tell(s, 403, err->text, r);
    if (status == 1)
        status = session_begin(s->accounts, person, token, err);
    if (status == 0)
        return tell(s, 403, "This account is closed; ask those who run this server.", r);
    if (status < 0)
        return status;
    response_redirect(r, c->flow.next);
    reply_session(s, r, token);
    secret_forget(token, sizeof(token));
    return 0;
}

int auth_callback(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    const struct oidc_provider *p = provider_of(s, q, r);
    struct str browser = request_cookie(q->headers.cookie, FLOW_COOKIE);
    struct coming *c;
    struct flow flow;

    (void)err;
    if (p == NULL)
        return 0;
    if (!reply_is_allowed_from(s, THROTTLE_PROVIDER, q, r))
        return tell(s, 429, "That was too often; please try again in a minute.", r);
    if (browser.data == NULL ||
        !flows_take(s->accounts->flows, str_of(request_value(q, "state")), browser,
                    accounts_now(s->accounts), &flow) ||
        flow.provider != p)
        return tell(s, 403,
                    "This sign-in took too long, or was begun in another browser. Please begin "
                    "again at /sign-in.",
                    r);
    if (request_value(q, "code")[0] == '\0')
        return tell(s, 403, "The provider did not let you sign in. You can try again at /sign-in.",
                    r);
    c = mem_zalloc(sizeof(*c));
    c->flow = flow;
    c->code = mem_strdup(request_value(q, "code"));
    c->callback = callback_of(s->accounts, p);
    c->now_s = accounts_now(s->accounts) / 1000;
    r->later = (struct response_later){coming_work, coming_answer, coming_free, c};
    return 0;
}

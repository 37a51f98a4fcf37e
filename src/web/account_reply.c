#include "account_reply.h"

#include "../accounts/accounts.h"
#include "../accounts/identity.h"
#include "../accounts/link.h"
#include "../accounts/oidc.h"
#include "../accounts/session.h"
#include "../base/clock.h"
#include "../base/err.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <stdio.h>
#include <string.h>

/* ---- refusals ---- */

bool reply_has_accounts(const struct site *s, struct response *r)
{
    if (s->accounts == NULL)
        response_problem(r, 404,
                         "This server has no accounts; eddy serve --accounts starts one that has.");
    return s->accounts != NULL;
}

bool reply_is_allowed(const struct site *s, enum throttle_kind kind, struct str key,
                      struct response *r)
{
    int64_t now_ms = s->accounts != NULL ? accounts_now(s->accounts) : clock_real_ns() / 1000000;
    int64_t wait_ms = 0;
    char detail[120];

    if (s->throttle == NULL || throttle_take(s->throttle, kind, key, now_ms, &wait_ms))
        return true;
    snprintf(detail, sizeof(detail), "That was too often; please try again in %lld s.",
             (long long)(wait_ms + 999) / 1000);
    response_problem(r, 429, detail);
    r->retry_after_s = (uint32_t)((wait_ms + 999) / 1000);
    return false;
}

bool reply_is_allowed_from(const struct site *s, enum throttle_kind kind, const struct request *q,
                           struct response *r)
{
    char address[THROTTLE_ADDRESS_SIZE];

    return reply_is_allowed(s, kind, str_of(throttle_address(q->headers.address, address)), r);
}

int reply_refused(struct response *r, unsigned status, const struct err *err)
{
    response_problem(r, status, err->text);
    return 0;
}

bool reply_went(int status, unsigned refusal, struct response *r, const struct err *err,
                int *ret_status)
{
    *ret_status = status < 0 ? status : 0;
    if (status == 0)
        reply_refused(r, refusal, err);
    return status > 0;
}

/* ---- objects ---- */

void reply_json(struct response *r, unsigned status, json_t *value)
{
    response_json(r, value);
    r->status = status;
}

json_t *reply_text(const char *text)
{
    json_t *value = json_string(text);

    return value != NULL ? value : json_string("");
}

json_t *reply_person(const struct person *p)
{
    return json_pack("{s:I, s:o, s:s}", "id", (json_int_t)p->id, "name", reply_text(p->name),
                     "role", role_text(p->role));
}

json_t *reply_link(const struct link *link)
{
    return json_pack("{s:I, s:s, s:I, s:I, s:I, s:I}", "id", (json_int_t)link->id, "role",
                     role_text(link->role), "class", (json_int_t)link->class_id, "uses_left",
                     (json_int_t)link->uses_left, "made_ms", (json_int_t)link->made_ms, "until_ms",
                     (json_int_t)link->until_ms);
}

json_t *reply_new_link(const struct site *s, const char *page, const char *token, int64_t until_ms)
{
    struct buf url = {0};
    json_t *value;

    buf_addf(&url, "%s%s%s", s->accounts->url, page, token);
    value = json_pack("{s:s, s:s, s:I}", "path", url.data + strlen(s->accounts->url), "url",
                      url.data, "until_ms", (json_int_t)until_ms);
    buf_release(&url);
    return value;
}

/* The provider whose issuer it is, as it is called here; "" if it is no longer configured. */
static const char *provider_of(const struct accounts *a, struct str issuer)
{
    uint32_t i;

    for (i = 0; i < a->provider_count; i++)
        if (str_is(issuer, a->providers[i]->issuer))
            return a->providers[i]->name;
    return "";
}

struct identities {
    const struct accounts *accounts;
    json_t *list;
};

static void add_identity(void *owner, struct str issuer, struct str subject, int64_t made_ms)
{
    struct identities *i = owner;

    (void)subject;
    json_array_append_new(
        i->list, json_pack("{s:s, s:s%, s:I}", "provider", provider_of(i->accounts, issuer),
                           "issuer", issuer.data, issuer.len, "made_ms", (json_int_t)made_ms));
}

static void add_session(void *owner, int64_t made_ms, int64_t seen_ms)
{
    json_array_append_new(owner, json_pack("{s:I, s:I}", "made_ms", (json_int_t)made_ms, "seen_ms",
                                           (json_int_t)seen_ms));
}

json_t *reply_me(const struct site *s, const struct account *account, struct err *err)
{
    struct identities identities = {s->accounts, json_array()};
    json_t *sessions = json_array();
    int64_t id = account->person.id;

    if (identity_list(s->accounts, id, add_identity, &identities, err) < 0 ||
        session_list(s->accounts, id, add_session, sessions, err) < 0) {
        json_decref(identities.list);
        json_decref(sessions);
        return NULL;
    }
    return json_pack("{s:I, s:s, s:o, s:s, s:b, s:I, s:o, s:o}", "id", (json_int_t)id, "name",
                     account->person.name, "full_name", reply_text(account->full_name), "role",
                     role_text(account->person.role), "password", account->has_password, "made_ms",
                     (json_int_t)account->made_ms, "identities", identities.list, "sessions",
                     sessions);
}

/* ---- sessions ---- */

void reply_session(const struct site *s, struct response *r, const char *token)
{
    const struct response_cookie c = {.name = REQUEST_COOKIE,
                                      .value = token,
                                      .max_age_s = SESSION_WHOLE_MS / 1000,
                                      .secure = s->accounts->secure};

    response_cookie(r, &c);
}

int reply_signed_in(const struct site *s, int64_t person, unsigned status, struct response *r,
                    struct err *err)
{
    char token[SECRET_TEXT_SIZE];
    struct account account;
    json_t *me;
    int got = session_begin(s->accounts, person, token, err);

    if (got == 1)
        got = people_find(s->accounts, person, &account, err);
    if (got == 0)
        response_problem(r, 403, "This account is closed; ask those who run this server.");
    if (got <= 0)
        return got;
    me = reply_me(s, &account, err);
    if (me == NULL)
        return ERR_MACHINE;
    reply_json(r, status, me);
    reply_session(s, r, token);
    secret_forget(token, sizeof(token));
    return 0;
}

/* ---- what was asked ---- */

bool reply_number(const json_t *object, const char *name, const int64_t bounds[2], int64_t absent,
                  int64_t *ret_number, struct response *r)
{
    const json_t *value = json_object_get(object, name);
    char detail[160];

    *ret_number = value == NULL ? absent : json_integer_value(value);
    if (value == NULL ||
        (json_is_integer(value) && *ret_number >= bounds[0] && *ret_number <= bounds[1]))
        return true;
    snprintf(detail, sizeof(detail), "\"%s\" must be a whole number from %lld to %lld.", name,
             (long long)bounds[0], (long long)bounds[1]);
    response_problem(r, 400, detail);
    return false;
}

bool reply_id(struct str word, int64_t *ret_id, struct response *r)
{
    if (str_to_i64(word, ret_id) && *ret_id > 0)
        return true;
    response_problem(r, 404, "There is nothing at this address.");
    return false;
}

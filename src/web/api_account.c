/* Signing in, up and out, and a person's own account.
 *
 * Every check of a password goes one way: the handler asks throttle.h, then takes the hash to hold
 * it against from the database (a decoy, if the name does not exist); a thread does the work; the
 * answer looks at who it was only when the work is done. So time and words are the same for a wrong
 * name, a wrong password, a closed account and one that has no password. */
#include "api_account.h"

#include "../accounts/accounts.h"
#include "../accounts/identity.h"
#include "../accounts/leave.h"
#include "../accounts/link.h"
#include "../accounts/oidc.h"
#include "../accounts/password.h"
#include "../accounts/session.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "account_reply.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>

int account_of_session(struct accounts *a, const char *session, struct person *ret_person,
                       struct err *err)
{
    return session_person(a, str_of(session), ret_person, err);
}

/* ---- the work in a thread ---- */

/* Holds old against its hash, and makes a hash of new; either may be "" and is left out then. */
struct work {
    struct credentials known; /* what `old` must fit; person 0: it fits nobody */
    char *old, *new;          /* passwords; forgotten when the work is done */
    char *name;               /* for the throttle; "": none */
    bool fits;
    char hash[PASSWORD_HASH_SIZE]; /* of new, or of old if its hash is old */
    int status;
    struct err err;
    int64_t person;
    char *link, *full_name; /* "" unless somebody signs up, or comes by a link */
};

static struct work *work_new(void)
{
    struct work *w = mem_zalloc(sizeof(*w));

    w->old = mem_strdup("");
    w->new = mem_strdup("");
    w->name = mem_strdup("");
    w->link = mem_strdup("");
    w->full_name = mem_strdup("");
    return w;
}

static void put(char **into, const char *text)
{
    secret_forget(*into, strlen(*into));
    mem_free(*into);
    *into = mem_strdup(text);
}

static void work_free(void *owner)
{
    struct work *w = owner;

    credentials_release(&w->known);
    put(&w->old, "");
    put(&w->new, "");
    put(&w->link, "");
    mem_free(w->old);
    mem_free(w->new);
    mem_free(w->link);
    mem_free(w->name);
    mem_free(w->full_name);
    mem_free(w);
}

static void work_do(void *owner)
{
    struct work *w = owner;

    if (w->known.hash != NULL)
        w->fits = password_fits(str_of(w->old), w->known.hash) && w->known.person != 0;
    if (w->new[0] != '\0' && (w->fits || w->known.hash == NULL))
        w->status = password_hash(str_of(w->new), w->hash, &w->err);
    else if (w->fits && password_is_old(w->known.hash))
        w->status = password_hash(str_of(w->old), w->hash, &w->err);
    put(&w->old, "");
    put(&w->new, "");
}

typedef int answer(void *owner, const struct site *s, struct response *r, struct err *err);

static int work_later(struct response *r, struct work *w, answer *then)
{
    r->later = (struct response_later){work_do, then, work_free, w};
    return 0;
}

/* 1: the thread did what it should. */
static int work_went(const struct work *w, struct err *err)
{
    if (w->status < 0)
        *err = w->err;
    return w->status < 0 ? w->status : 1;
}

/* The name as it would stand in the database: in small letters. */
static char *small_letters(const char *name)
{
    char *copy = mem_strndup(name, strnlen(name, PERSON_NAME_MAX + 1)), *at;

    for (at = copy; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

/* ---- signing in ---- */

int api_session(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const struct accounts *a = s->accounts;
    json_t *providers = json_array(), *person;
    uint32_t i;

    (void)err;
    for (i = 0; a != NULL && i < a->provider_count; i++)
        json_array_append_new(providers, json_string(a->providers[i]->name));
    person = q->person != NULL ? reply_person(q->person) : json_null();
    response_json(r, json_pack("{s:b, s:b, s:o, s:o}", "accounts", a != NULL, "open_sign_up",
                               a != NULL && a->open_sign_up, "providers", providers, "person",
                               person));
    return 0;
}

/* The password may have been changed, or the account closed, while the thread was at work. */
static int still_stands(const struct site *s, const struct work *w, struct err *err)
{
    struct credentials now = {0};
    int status = people_own_credentials(s->accounts, w->known.person, &now, err);

    if (status == 1)
        status = now.person != 0 && strcmp(now.hash, w->known.hash) == 0;
    credentials_release(&now);
    return status;
}

static int signed_in(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct work *w = owner;
    int status = w->fits ? still_stands(s, w, err) : 0;

    if (status == 0)
        response_problem(r, 401, "The name or the password is wrong.");
    if (status <= 0)
        return status;
    if (s->throttle != NULL)
        throttle_give_back(s->throttle, THROTTLE_SIGN_IN_NAME, str_of(w->name));
    if (w->status == 0 && w->hash[0] != '\0')
        status = people_rehash(s->accounts, w->known.person, w->known.hash, w->hash, err);
    return status < 0 ? status : reply_signed_in(s, w->known.person, 200, r, err);
}

int api_sign_in(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct work *w;
    json_t *body;
    int status;

    if (!reply_has_accounts(s, r) || !reply_is_allowed_from(s, THROTTLE_SIGN_IN_ADDRESS, q, r) ||
        (body = request_object(q, r)) == NULL)
        return 0;
    w = work_new();
    mem_free(w->name);
    w->name = small_letters(request_member(body, "name"));
    put(&w->old, request_member(body, "password"));
    json_decref(body);
    status = 0;
    if (reply_is_allowed(s, THROTTLE_SIGN_IN_NAME, str_of(w->name), r)) {
        status = people_credentials(s->accounts, str_of(w->name), &w->known, err);
        if (status == 1)
            return work_later(r, w, signed_in);
    }
    work_free(w);
    return status;
}

int api_sign_out(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    int status;

    if (!reply_has_accounts(s, r))
        return 0;
    status = session_end(s->accounts, str_of(q->headers.session), err);
    if (status < 0)
        return status;
    response_json(r, json_object());
    reply_session(s, r, "");
    return 0;
}

int api_sign_out_all(const struct site *s, const struct request *q, struct response *r,
                     struct err *err)
{
    int status;

    if (!reply_has_accounts(s, r))
        return 0;
    status = session_end_all(s->accounts, q->person->id, err);
    if (status < 0)
        return status;
    response_json(r, json_object());
    reply_session(s, r, "");
    return 0;
}

/* ---- signing up ---- */

static int signed_up(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct work *w = owner;
    const struct sign_up u = {.name = str_of(w->name),
                              .full_name = str_of(w->full_name),
                              .hash = w->hash,
                              .invitation = str_of(w->link)};
    struct person person;
    int status = work_went(w, err), result;

    if (status == 1)
        status = people_sign_up(s->accounts, &u, &person, err);
    if (!reply_went(status, 409, r, err, &result))
        return result;
    return reply_signed_in(s, person.id, 201, r, err);
}

/* NULL, or what is wrong with what somebody wants to be called. */
static const char *sign_up_problem(const struct work *w)
{
    const char *problem = person_name_problem(str_of(w->name));

    if (problem == NULL)
        problem = full_name_problem(str_of(w->full_name));
    if (problem == NULL)
        problem = password_problem(str_of(w->new), w->name);
    return problem;
}

int api_sign_up(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    const char *problem;
    struct work *w;
    json_t *body;
    int status, result = 0;

    if (!reply_has_accounts(s, r) || !reply_is_allowed_from(s, THROTTLE_SIGN_UP, q, r) ||
        (body = request_object(q, r)) == NULL)
        return 0;
    w = work_new();
    mem_free(w->name);
    w->name = small_letters(request_member(body, "name"));
    put(&w->full_name, request_member(body, "full_name"));
    put(&w->new, request_member(body, "password"));
    put(&w->link, request_member(body, "invitation"));
    json_decref(body);
    status = people_may_sign_up(s->accounts, str_of(w->link), err);
    if (reply_went(status, 403, r, err, &result)) {
        problem = sign_up_problem(w);
        if (problem == NULL)
            return work_later(r, w, signed_up);
        response_problem(r, 400, problem);
    }
    work_free(w);
    return result;
}

/* ---- passwords ---- */

static int was_reset(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct work *w = owner;
    int status = work_went(w, err), result;

    if (status == 1)
        status = people_reset_password(s->accounts, str_of(w->link), w->hash, err);
    if (reply_went(status, 410, r, err, &result))
        response_json(r, json_object());
    return result;
}

int api_reset(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct link link;
    const char *problem;
    struct work *w;
    json_t *body;
    int status, result = 0;

    if (!reply_has_accounts(s, r) || !reply_is_allowed_from(s, THROTTLE_SIGN_IN_ADDRESS, q, r) ||
        (body = request_object(q, r)) == NULL)
        return 0;
    w = work_new();
    put(&w->new, request_member(body, "password"));
    put(&w->link, request_member(body, "link"));
    json_decref(body);
    status = link_find(s->accounts, str_of(w->link), LINK_PASSWORD, &link, err);
    if (status == 0)
        err_set(err, ERR_INPUT,
                "This link for a new password is used up or too old; ask for a new one.");
    if (reply_went(status, 410, r, err, &result)) {
        problem = password_problem(str_of(w->new), "");
        if (problem == NULL)
            return work_later(r, w, was_reset);
        response_problem(r, 400, problem);
    }
    work_free(w);
    return result;
}

static int was_changed(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct work *w = owner;
    int status = w->known.hash == NULL || w->fits ? work_went(w, err) : 0;

    if (status == 0) {
        response_problem(r, 403, "The old password is wrong.");
        return 0;
    }
    if (status == 1)
        status = people_set_password(s->accounts, w->person, w->hash, err);
    return status < 0 ? status : reply_signed_in(s, w->person, 200, r, err);
}

/* What the password of one who is signed in is held against; of one who has none, nothing. 1, 0
 * with an answer in r, or negative. */
static int own_credentials(const struct site *s, const struct request *q, struct work *w,
                           struct response *r, struct err *err)
{
    struct account account;
    int status = people_find(s->accounts, q->person->id, &account, err);

    if (status == 1 && account.has_password) {
        if (!reply_is_allowed(s, THROTTLE_SIGN_IN_NAME, str_of(q->person->name), r))
            return 0;
        status = people_own_credentials(s->accounts, q->person->id, &w->known, err);
    }
    if (status == 0)
        response_problem(r, 404, "This account is gone.");
    return status;
}

int api_me_password(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    const char *problem;
    struct work *w;
    json_t *body;
    int status = 0;

    if (!reply_has_accounts(s, r) || (body = request_object(q, r)) == NULL)
        return 0;
    w = work_new();
    w->person = q->person->id;
    put(&w->old, request_member(body, "old"));
    put(&w->new, request_member(body, "new"));
    json_decref(body);
    problem = password_problem(str_of(w->new), q->person->name);
    if (problem != NULL)
        response_problem(r, 400, problem);
    else
        status = own_credentials(s, q, w, r, err);
    if (status == 1)
        return work_later(r, w, was_changed);
    work_free(w);
    return status;
}

/* ---- one's own account ---- */

int api_me(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct account account;
    json_t *me;
    int status;

    if (!reply_has_accounts(s, r))
        return 0;
    status = people_find(s->accounts, q->person->id, &account, err);
    if (status == 0)
        response_problem(r, 404, "This account is gone.");
    if (status <= 0)
        return status;
    me = reply_me(s, &account, err);
    if (me == NULL)
        return ERR_MACHINE;
    response_json(r, me);
    return 0;
}

int api_me_put(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    json_t *body;
    int status, result;

    if (!reply_has_accounts(s, r) || (body = request_object(q, r)) == NULL)
        return 0;
    status = people_set_full_name(s->accounts, q->person->id,
                                  str_of(request_member(body, "full_name")), err);
    json_decref(body);
    return reply_went(status, 400, r, err, &result) ? api_me(s, q, r, err) : result;
}

int api_me_unlink(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    const struct oidc_provider *p;
    int status, result;

    if (!reply_has_accounts(s, r))
        return 0;
    p = accounts_provider(s->accounts, q->words[0].data, q->words[0].len);
    if (p == NULL) {
        response_problem(r, 404, "There is no provider of this name.");
        return 0;
    }
    status = identity_remove(s->accounts, q->person->id, str_of(p->issuer), err);
    return reply_went(status, 409, r, err, &result) ? api_me(s, q, r, err) : result;
}

int api_me_export(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    char key[32], name[PERSON_NAME_MAX + 16];
    json_t *all = NULL;
    int status;

    snprintf(key, sizeof(key), "%lld", (long long)q->person->id);
    if (!reply_has_accounts(s, r) || !reply_is_allowed(s, THROTTLE_EXPORT, str_of(key), r))
        return 0;
    status = person_export(s->accounts, q->person->id, &all, err);
    if (status == 0)
        response_problem(r, 404, "This account is gone.");
    if (status <= 0)
        return status;
    response_json(r, all);
    snprintf(name, sizeof(name), "eddy-%s.json", q->person->name);
    response_download(r, name);
    return 0;
}

static int was_deleted(void *owner, const struct site *s, struct response *r, struct err *err)
{
    struct work *w = owner;
    int status, result;

    if (w->known.hash != NULL && !w->fits) {
        response_problem(r, 403, "The password is wrong; nothing was deleted.");
        return 0;
    }
    status = person_delete(s->accounts, w->person, err);
    if (reply_went(status, 409, r, err, &result)) {
        response_json(r, json_object());
        reply_session(s, r, "");
    }
    return result;
}

int api_me_delete(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    struct work *w;
    json_t *body;
    bool meant;
    int status = 0;

    if (!reply_has_accounts(s, r) || (body = request_object(q, r)) == NULL)
        return 0;
    w = work_new();
    w->person = q->person->id;
    put(&w->old, request_member(body, "password"));
    meant = strcmp(request_member(body, "name"), q->person->name) == 0;
    json_decref(body);
    if (!meant)
        response_problem(r, 400, "To delete the account for good, \"name\" must be its name.");
    else
        status = own_credentials(s, q, w, r, err);
    if (status == 1)
        return work_later(r, w, was_deleted);
    work_free(w);
    return status;
}

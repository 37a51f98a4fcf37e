/* Other people's accounts, for admins; invitations, for teachers too. A teacher invites learners,
 * an admin whomever he likes; each sees and ends what he made, an admin all. */
#include "api_account.h"

#include "../accounts/accounts.h"
#include "../accounts/classes.h"
#include "../accounts/leave.h"
#include "../accounts/link.h"
#include "../base/err.h"
#include "account_reply.h"
#include "request.h"
#include "response.h"
#include "site.h"

#include <string.h>

#define DAY_MS 86400000LL
enum { RESET_HOURS = 24 };

static json_t *account_json(const struct account *a)
{
    return json_pack("{s:I, s:s, s:o, s:s, s:b, s:b, s:I, s:I}", "id", (json_int_t)a->person.id,
                     "name", a->person.name, "full_name", reply_text(a->full_name), "role",
                     role_text(a->person.role), "closed", a->closed, "password", a->has_password,
                     "made_ms", (json_int_t)a->made_ms, "seen_ms", (json_int_t)a->seen_ms);
}

static void add_account(void *owner, const struct account *a)
{
    json_array_append_new(owner, account_json(a));
}

int api_users(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    json_t *list;
    int count;

    if (!reply_has_accounts(s, r))
        return 0;
    list = json_array();
    count = people_list(s->accounts, str_of(request_value(q, "q")),
                        str_of(request_value(q, "after")), add_account, list, err);
    if (count < 0) {
        json_decref(list);
        return count;
    }
    response_json(r, json_pack("{s:o, s:b}", "users", list, "more", count == PEOPLE_PAGE));
    return 0;
}

/* 1 and the account that the path names; 0: r is a 404. */
static int find_user(const struct site *s, const struct request *q, struct account *ret,
                     struct response *r, struct err *err)
{
    int64_t id = 0;
    int status;

    if (!reply_has_accounts(s, r) || !reply_id(q->words[0], &id, r))
        return 0;
    status = people_find(s->accounts, id, ret, err);
    if (status == 0)
        response_problem(r, 404, "There is nobody of this number.");
    return status;
}

/* 1, or 0 with err: what the members of the body ask for. */
static int change_user(const struct site *s, int64_t id, const json_t *body, struct err *err)
{
    const json_t *role = json_object_get(body, "role"), *closed = json_object_get(body, "closed");
    enum role wanted = ROLE_LEARNER;
    int status = 1;

    if ((role != NULL && !role_of(str_of(request_member(body, "role")), &wanted)) ||
        (closed != NULL && !json_is_boolean(closed)))
        return accounts_refuse(err, "\"role\" is learner, teacher or admin, and \"closed\" true or "
                                    "false.");
    if (role != NULL)
        status = people_set_role(s->accounts, id, wanted, err);
    if (status == 1 && closed != NULL)
        status = people_set_closed(s->accounts, id, json_is_true(closed), err);
    return status;
}

int api_user_put(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct account account;
    json_t *body;
    int status = find_user(s, q, &account, r, err), result;

    if (status <= 0)
        return status;
    body = request_object(q, r);
    if (body == NULL)
        return 0;
    status = change_user(s, account.person.id, body, err);
    json_decref(body);
    if (!reply_went(status, 409, r, err, &result))
        return result;
    status = people_find(s->accounts, account.person.id, &account, err);
    if (status == 1)
        response_json(r, account_json(&account));
    else if (status == 0)
        response_problem(r, 404, "There is nobody of this number.");
    return status < 0 ? status : 0;
}

int api_user_link(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    struct link_spec spec = {.kind = LINK_PASSWORD,
                             .uses = 1,
                             .maker = q->person->id,
                             .lasts_ms = RESET_HOURS * 3600000LL};
    char token[SECRET_TEXT_SIZE];
    struct account account;
    int status = find_user(s, q, &account, r, err);

    if (status <= 0)
        return status;
    spec.person = account.person.id;
    status = link_end_of(s->accounts, LINK_PASSWORD, spec.person, err);
    if (status >= 0)
        status = link_new(s->accounts, &spec, token, err);
    if (status < 0)
        return status;
    reply_json(
        r, 201,
        reply_new_link(s, "/new-password?link=", token, accounts_now(s->accounts) + spec.lasts_ms));
    secret_forget(token, sizeof(token));
    return 0;
}

int api_user_delete(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct account account;
    int status = find_user(s, q, &account, r, err), result;

    if (status <= 0)
        return status;
    status = person_delete(s->accounts, account.person.id, err);
    if (reply_went(status, 409, r, err, &result))
        response_json(r, json_object());
    return result;
}

/* ---- invitations ---- */

static void add_link(void *owner, const struct link *link)
{
    json_array_append_new(owner, reply_link(link));
}

int api_invitations(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    json_t *list;
    int count;

    if (!reply_has_accounts(s, r))
        return 0;
    list = json_array();
    count = link_list(s->accounts, LINK_SIGN_UP, q->person->role == ROLE_ADMIN ? 0 : q->person->id,
                      0, add_link, list, err);
    if (count < 0) {
        json_decref(list);
        return count;
    }
    response_json(r, json_pack("{s:o}", "invitations", list));
    return 0;
}

/* 1: this person may invite into this class (0: none). */
static int may_use_class(const struct site *s, const struct person *who, int64_t class_id,
                         struct err *err)
{
    struct class_view c;
    int status;

    if (class_id == 0)
        return 1;
    status = class_find(s->accounts, class_id, who->id, &c, err);
    if (status == 1 && c.part != CLASS_TEACHER && who->role != ROLE_ADMIN)
        status = 0;
    return status == 0 ? accounts_refuse(err, "You teach no class of this number.") : status;
}

/* True: *spec says what the body asks for, and the asker may. */
static bool read_invitation(const struct request *q, const json_t *body, struct link_spec *spec,
                            struct response *r)
{
    static const int64_t uses_bounds[] = {1, LINK_USES_MAX}, days_bounds[] = {1, LINK_DAYS_MAX};
    static const int64_t class_bounds[] = {0, INT64_MAX};
    int64_t uses = 1, days = 14;

    spec->role = ROLE_LEARNER;
    if (json_object_get(body, "role") != NULL &&
        !role_of(str_of(request_member(body, "role")), &spec->role)) {
        response_problem(r, 400, "\"role\" is learner, teacher or admin.");
        return false;
    }
    if (spec->role > ROLE_LEARNER && q->person->role != ROLE_ADMIN) {
        response_problem(r, 403, "Only those who run this server invite teachers and admins.");
        return false;
    }
    if (!reply_number(body, "uses", uses_bounds, 1, &uses, r) ||
        !reply_number(body, "days", days_bounds, 14, &days, r) ||
        !reply_number(body, "class", class_bounds, 0, &spec->class_id, r))
        return false;
    if (spec->role == ROLE_ADMIN && uses != 1) {
        response_problem(r, 400, "An invitation for an admin is good for one use only.");
        return false;
    }
    spec->uses = (uint32_t)uses;
    spec->lasts_ms = days * DAY_MS;
    return true;
}

int api_invitation_post(const struct site *s, const struct request *q, struct response *r,
                        struct err *err)
{
    struct link_spec spec = {.kind = LINK_SIGN_UP, .maker = q->person->id};
    char token[SECRET_TEXT_SIZE];
    json_t *body;
    bool good;
    int status, result;

    if (!reply_has_accounts(s, r) || (body = request_object(q, r)) == NULL)
        return 0;
    good = read_invitation(q, body, &spec, r);
    json_decref(body);
    if (!good)
        return 0;
    status = may_use_class(s, q->person, spec.class_id, err);
    if (!reply_went(status, 403, r, err, &result))
        return result;
    status = link_new(s->accounts, &spec, token, err);
    if (status < 0)
        return status;
    reply_json(r, 201,
               reply_new_link(s, "/sign-up?invitation=", token,
                              accounts_now(s->accounts) + spec.lasts_ms));
    secret_forget(token, sizeof(token));
    return 0;
}

int api_invitation_delete(const struct site *s, const struct request *q, struct response *r,
                          struct err *err)
{
    struct link link = {.kind = LINK_SIGN_UP};
    int64_t id = 0;
    int status;

    if (!reply_has_accounts(s, r) || !reply_id(q->words[0], &id, r))
        return 0;
    status = link_find_id(s->accounts, id, &link, err);
    if (status == 1 && (link.kind != LINK_SIGN_UP ||
                        (link.maker != q->person->id && q->person->role != ROLE_ADMIN)))
        status = 0;
    if (status == 0)
        response_problem(r, 404, "There is no such invitation, or it is over.");
    if (status == 1)
        status = link_end(s->accounts, id, err);
    if (status < 0)
        return status;
    if (r->status == 0)
        response_json(r, json_object());
    return 0;
}

#include "api_classes.h"

#include "../accounts/accounts.h"
#include "../accounts/link.h"
#include "../base/err.h"
#include "account_reply.h"
#include "class_reply.h"
#include "request.h"
#include "response.h"
#include "site.h"

#define DAY_MS 86400000LL

int class_for(const struct site *s, const struct request *q, enum class_right right,
              struct class_view *ret_class, struct response *r, struct err *err)
{
    bool admin = q->person->role == ROLE_ADMIN;
    int64_t id = 0;
    int status;

    if (!reply_has_accounts(s, r) || !reply_id(q->words[0], &id, r))
        return 0;
    status = class_find(s->accounts, id, q->person->id, ret_class, err);
    if (status < 0)
        return status;
    if (status == 0 || (ret_class->part == CLASS_NO_MEMBER && !admin)) {
        response_problem(r, 404, "There is no such class, or you are not in it.");
        return 0;
    }
    if (right == CLASS_TO_TEACH && ret_class->part != CLASS_TEACHER && !admin) {
        response_problem(r, 403, "Only the teachers of this class may do that.");
        return 0;
    }
    return 1;
}

static const char *part_text(enum class_part part)
{
    return part == CLASS_TEACHER ? "teacher" : part == CLASS_LEARNER ? "learner" : "none";
}

static json_t *class_json(const struct class_view *c)
{
    return json_pack("{s:I, s:o, s:I, s:I, s:s}", "id", (json_int_t)c->id, "title",
                     reply_text(c->title), "made_ms", (json_int_t)c->made_ms, "learners",
                     (json_int_t)c->learner_count, "part", part_text(c->part));
}

/* ---- classes ---- */

static void add_class(void *owner, const struct class_view *c)
{
    json_array_append_new(owner, class_json(c));
}

int api_classes(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    bool all = q->person->role == ROLE_ADMIN && request_value(q, "all")[0] == '1';
    json_t *list;
    int count;

    if (!reply_has_accounts(s, r))
        return 0;
    list = json_array();
    count = class_list(s->accounts, q->person->id, all, add_class, list, err);
    if (count < 0) {
        json_decref(list);
        return count;
    }
    response_json(r, json_pack("{s:o}", "classes", list));
    return 0;
}

/* The class as it is now, with this status. */
static int show_class(const struct site *s, const struct request *q, int64_t id, unsigned code,
                      struct response *r, struct err *err)
{
    struct class_view c;
    int status = class_find(s->accounts, id, q->person->id, &c, err);

    if (status == 1)
        reply_json(r, code, class_json(&c));
    else if (status == 0)
        response_problem(r, 404, "This class is gone.");
    return status < 0 ? status : 0;
}

int api_class_post(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    int64_t id = 0;
    json_t *body;
    int status, result;

    if (!reply_has_accounts(s, r) || (body = request_object(q, r)) == NULL)
        return 0;
    status = class_add(s->accounts, str_of(request_member(body, "title")), q->person->id, &id, err);
    json_decref(body);
    return reply_went(status, 400, r, err, &result) ? show_class(s, q, id, 201, r, err) : result;
}

static void add_member(void *owner, const struct class_member *m)
{
    json_array_append_new(owner,
                          json_pack("{s:I, s:o, s:o, s:b, s:I, s:I}", "id", (json_int_t)m->person,
                                    "name", reply_text(m->name), "full_name",
                                    reply_text(m->full_name), "teaches", m->teaches, "joined_ms",
                                    (json_int_t)m->joined_ms, "seen_ms", (json_int_t)m->seen_ms));
}

int api_class(const struct site *s, const struct request *q, struct response *r, struct err *err)
{
    struct class_view c;
    int status = class_for(s, q, CLASS_TO_SEE, &c, r, err);
    json_t *value, *members = json_array();

    if (status == 1 && (c.part == CLASS_TEACHER || q->person->role == ROLE_ADMIN))
        status = accounts_also(class_members(s->accounts, c.id, add_member, members, err));
    if (status <= 0) {
        json_decref(members);
        return status;
    }
    value = class_json(&c);
    json_object_set_new(value, "members", members);
    response_json(r, value);
    return 0;
}

int api_class_put(const struct site *s, const struct request *q, struct response *r,
                  struct err *err)
{
    struct class_view c;
    json_t *body;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err), result;

    if (status <= 0)
        return status;
    body = request_object(q, r);
    if (body == NULL)
        return 0;
    status = class_set_title(s->accounts, c.id, str_of(request_member(body, "title")), err);
    json_decref(body);
    return reply_went(status, 400, r, err, &result) ? show_class(s, q, c.id, 200, r, err) : result;
}

int api_class_delete(const struct site *s, const struct request *q, struct response *r,
                     struct err *err)
{
    struct class_view c;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    if (status == 1)
        status = class_delete(s->accounts, c.id, err);
    if (status == 1)
        response_json(r, json_object());
    return status < 0 ? status : 0;
}

/* ---- members ---- */

int api_class_join(const struct site *s, const struct request *q, struct response *r,
                   struct err *err)
{
    int64_t id = 0;
    json_t *body;
    int status, result;

    if (!reply_has_accounts(s, r) || !reply_is_allowed_from(s, THROTTLE_SIGN_IN_ADDRESS, q, r) ||
        (body = request_object(q, r)) == NULL)
        return 0;
    status = class_join_by_link(s->accounts, str_of(request_member(body, "link")), q->person->id,
                                &id, err);
    json_decref(body);
    return reply_went(status, 410, r, err, &result) ? show_class(s, q, id, 200, r, err) : result;
}

/* Oneself may go; others are sent away by who teaches. */
int api_class_leave(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct class_view c;
    int64_t person = 0;
    int status, result;

    if (!reply_id(q->words[1], &person, r))
        return 0;
    status = class_for(s, q, person == q->person->id ? CLASS_TO_SEE : CLASS_TO_TEACH, &c, r, err);
    if (status <= 0)
        return status;
    status = class_leave(s->accounts, c.id, person, err);
    if (reply_went(status, 409, r, err, &result))
        response_json(r, json_object());
    return result;
}

int api_class_teacher(const struct site *s, const struct request *q, struct response *r,
                      struct err *err)
{
    struct account account;
    struct class_view c;
    json_t *body;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err), result;

    if (status <= 0 || (body = request_object(q, r)) == NULL)
        return status < 0 ? status : 0;
    status = people_find_name(s->accounts, str_of(request_member(body, "name")), &account, err);
    json_decref(body);
    /* Learners are not told from names that do not exist. */
    if (status == 1 && account.person.role < ROLE_TEACHER)
        status = 0;
    if (status == 0)
        err_set(err, ERR_INPUT, "There is no teacher of this name.");
    if (status == 1)
        status = class_join(s->accounts, c.id, account.person.id, true, err);
    return reply_went(status, 409, r, err, &result) ? api_class(s, q, r, err) : result;
}

/* ---- links into a class ---- */

static void add_link(void *owner, const struct link *link)
{
    json_array_append_new(owner, reply_link(link));
}

int api_class_links(const struct site *s, const struct request *q, struct response *r,
                    struct err *err)
{
    struct class_view c;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);
    json_t *list = json_array();

    if (status == 1)
        status = accounts_also(link_list(s->accounts, LINK_CLASS, 0, c.id, add_link, list, err));
    if (status <= 0) {
        json_decref(list);
        return status;
    }
    response_json(r, json_pack("{s:o}", "links", list));
    return 0;
}

int api_class_link_post(const struct site *s, const struct request *q, struct response *r,
                        struct err *err)
{
    static const int64_t uses_bounds[] = {1, CLASS_MEMBERS_MAX}, days_bounds[] = {1, LINK_DAYS_MAX};
    struct link_spec spec = {.kind = LINK_CLASS, .maker = q->person->id};
    int64_t uses = 0, days = 0;
    char token[SECRET_TEXT_SIZE];
    struct class_view c;
    json_t *body;
    bool good;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    if (status <= 0 || (body = request_object(q, r)) == NULL)
        return status < 0 ? status : 0;
    good = reply_number(body, "uses", uses_bounds, 100, &uses, r) &&
           reply_number(body, "days", days_bounds, 30, &days, r);
    json_decref(body);
    if (!good)
        return 0;
    spec.class_id = c.id;
    spec.uses = (uint32_t)uses;
    spec.lasts_ms = days * DAY_MS;
    status = link_new(s->accounts, &spec, token, err);
    if (status < 0)
        return status;
    reply_json(r, 201,
               reply_new_link(s, "/join?link=", token, accounts_now(s->accounts) + spec.lasts_ms));
    secret_forget(token, sizeof(token));
    return 0;
}

int api_class_link_delete(const struct site *s, const struct request *q, struct response *r,
                          struct err *err)
{
    struct class_view c;
    struct link link;
    int64_t id = 0;
    int status = class_for(s, q, CLASS_TO_TEACH, &c, r, err);

    if (status <= 0 || !reply_id(q->words[1], &id, r))
        return status < 0 ? status : 0;
    status = link_find_id(s->accounts, id, &link, err);
    if (status == 1 && (link.kind != LINK_CLASS || link.class_id != c.id))
        status = 0;
    if (status == 0) {
        response_problem(r, 404, "There is no such link, or it is over.");
        return 0;
    }
    if (status == 1)
        status = link_end(s->accounts, id, err);
    if (status < 0)
        return status;
    response_json(r, json_object());
    return 0;
}

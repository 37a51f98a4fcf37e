/* Who may come in is decided here and nowhere else.
 *
 * 1. A name that does not exist is met with the same work as one that does: people_credentials()
 *    always gives a hash to try. So neither words nor time tell who has an account. Only signing
 *    up must say that a name is taken; it is throttled, and with invitations it is not open.
 * 2. There is always an admin who can sign in, once there was one: the statements refuse the rest.
 * 3. A person comes into being in one transaction with what brought him: the invitation is used
 *    up, the class joined, the provider's account linked, or nothing of it has happened. */
#include "people.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../store/store.h"
#include "accounts.h"
#include "classes.h"
#include "identity.h"
#include "link.h"
#include "shown.h"

#include <stdio.h>
#include <string.h>

/* ---- names ---- */

const char *person_name_problem(struct str name)
{
    size_t i;

    if (name.len < 2 || name.len > PERSON_NAME_MAX)
        return "A name has 2 to 40 letters.";
    for (i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && (i == 0 || i == name.len - 1 || (c != '.' && c != '_' && c != '-')))
            return "A name has letters a-z and digits, and within it also . _ and -.";
    }
    return NULL;
}

const char *full_name_problem(struct str full_name)
{
    if (full_name.len > FULL_NAME_MAX)
        return "The full name is too long; 80 bytes are the most.";
    if (!text_can_be_shown(full_name))
        return "The full name has a sign in it that cannot be shown.";
    return NULL;
}

static const char *const role_texts[] = {"nobody", "learner", "teacher", "admin"};

const char *role_text(enum role role)
{
    return role_texts[role];
}

bool role_of(struct str text, enum role *ret_role)
{
    enum role role;

    for (role = ROLE_LEARNER; role <= ROLE_ADMIN; role++)
        if (str_is(text, role_texts[role])) {
            *ret_role = role;
            return true;
        }
    return false;
}

/* ---- signing up ---- */

/* 1 and the invitation (id 0: open to everybody, and none was shown). */
static int look_at_invitation(struct accounts *a, struct str token, struct link *ret_link,
                              struct err *err)
{
    int status;

    *ret_link = (struct link){.role = ROLE_LEARNER};
    if (token.len == 0 && a->open_sign_up)
        return 1;
    if (token.len == 0)
        return accounts_refuse(err,
                               "Here one signs up by invitation only; ask a teacher for a link.");
    status = link_find(a, token, LINK_SIGN_UP, ret_link, err);
    if (status == 0)
        return accounts_refuse(
            err, "This invitation is used up or too old, or its address is not whole; "
                 "ask for a new one.");
    return status;
}

int people_may_sign_up(struct accounts *a, struct str invitation, struct err *err)
{
    struct link link;

    return look_at_invitation(a, invitation, &link, err);
}

/* The row alone. 0: the name is taken. */
static int add_row(struct accounts *a, const struct sign_up *u, enum role role, int64_t *ret_id,
                   struct err *err)
{
    const struct store_value v[] = {store_str(u->name), store_str(u->full_name),
                                    store_integer(role), store_text(u->hash),
                                    store_integer(accounts_now(a))};

    return store_ask(a->store, "person_add", v, 5, ret_id, err);
}

/* Within a transaction. */
static int come_in(struct accounts *a, const struct sign_up *u, struct person *ret_person,
                   struct err *err)
{
    struct link link;
    int64_t id = 0;
    int status = look_at_invitation(a, u->invitation, &link, err);

    if (status == 1 && link.id != 0 && (status = link_use(a, &link, err)) == 0)
        return accounts_refuse(err, "This invitation has just been used up; ask for a new one.");
    if (status == 1 && (status = add_row(a, u, link.role, &id, err)) == 0)
        return accounts_refuse(err, "This name is taken; choose another one.");
    if (status == 1 && link.class_id != 0)
        status = class_join(a, link.class_id, id, false, err);
    if (status == 1 && u->issuer.len > 0)
        status = identity_add(a, id, u->issuer, u->subject, err);
    if (status == 1) {
        *ret_person = (struct person){.id = id, .role = link.role};
        memcpy(ret_person->name, u->name.data, u->name.len);
    }
    return status;
}

int people_sign_up(struct accounts *a, const struct sign_up *u, struct person *ret_person,
                   struct err *err)
{
    const char *problem = person_name_problem(u->name);
    struct person person;
    int status;

    if (problem == NULL)
        problem = full_name_problem(u->full_name);
    if (problem != NULL)
        return accounts_refuse(err, problem);
    status = store_begin(a->store, err);
    if (status < 0)
        return status;
    status = come_in(a, u, &person, err);
    if (status == 1) {
        status = store_commit(a->store, err);
        if (status == 0) {
            *ret_person = person;
            return 1;
        }
    }
    store_rollback(a->store);
    return status;
}

int people_free_name(struct accounts *a, const char *wanted, char ret_name[PERSON_NAME_MAX + 1],
                     struct err *err)
{
    enum { TRIES = 100, TAIL_MAX = 9 };
    struct account account;
    unsigned i, number;
    int status = 1;

    for (i = 1; status == 1 && i <= TRIES; i++) {
        char name[PERSON_NAME_MAX + 1];
        if (i == 1)
            snprintf(name, sizeof(name), "%s", wanted);
        number = i < TRIES ? i : (unsigned)(accounts_now(a) / 1000 % 100000000);
        if (i > 1)
            snprintf(name, sizeof(name), "%.*s-%u", PERSON_NAME_MAX - TAIL_MAX, wanted, number);
        status = people_find_name(a, str_of(name), &account, err);
        if (status == 0)
            memcpy(ret_name, name, sizeof(name));
    }
    return status < 0 ? status : status == 0;
}

/* ---- passwords ---- */

static int find_credentials(struct accounts *a, const char *statement, struct store_value who,
                            struct credentials *ret, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(a->store, statement, &who, 1, &rows, err);
    bool opens = false;

    if (status == 0)
        status = store_next(rows, err);
    if (status >= 0) {
        opens =
            status == 1 && store_row_integer(rows, 2) == 0 && store_row_text(rows, 1)[0] != '\0';
        ret->person = opens ? store_row_integer(rows, 0) : 0;
        ret->hash = mem_strdup(opens ? store_row_text(rows, 1) : a->decoy);
        status = 1;
    }
    store_rows_close(rows);
    return status;
}

int people_credentials(struct accounts *a, struct str name, struct credentials *ret,
                       struct err *err)
{
    /* What cannot be a name is asked for as one that nobody has. */
    bool fits = person_name_problem(name) == NULL;

    return find_credentials(a, "person_credentials", fits ? store_str(name) : store_text("-"), ret,
                            err);
}

int people_own_credentials(struct accounts *a, int64_t person, struct credentials *ret,
                           struct err *err)
{
    return find_credentials(a, "person_own_credentials", store_integer(person), ret, err);
}

void credentials_release(struct credentials *c)
{
    mem_free(c->hash);
    *c = (struct credentials){0};
}

/* A statement about one person: 1 if it changed his row. */
static int change(struct accounts *a, const char *statement, const struct store_value *v,
                  uint32_t count, struct err *err)
{
    int status = store_do(a->store, statement, v, count, err);

    return status > 1 ? 1 : status;
}

static int set_password(struct accounts *a, int64_t person, const char *hash, struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_text(hash)};
    int status = change(a, "person_set_password", v, 2, err);

    if (status == 1)
        status = accounts_also(store_do(a->store, "session_end_all", v, 1, err));
    if (status == 1)
        status = accounts_also(link_end_of(a, LINK_PASSWORD, person, err));
    return status;
}

int people_set_password(struct accounts *a, int64_t person, const char *hash, struct err *err)
{
    int status = store_begin(a->store, err);

    return status < 0 ? status : accounts_settle(a, set_password(a, person, hash, err), err);
}

int people_rehash(struct accounts *a, int64_t person, const char *old_hash, const char *hash,
                  struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_text(old_hash), store_text(hash)};

    return change(a, "person_rehash", v, 3, err);
}

int people_reset_password(struct accounts *a, struct str token, const char *hash, struct err *err)
{
    struct link link = {0};
    int status = store_begin(a->store, err);

    if (status < 0)
        return status;
    status = link_find(a, token, LINK_PASSWORD, &link, err);
    if (status == 1)
        status = link_use(a, &link, err);
    if (status == 1)
        status = set_password(a, link.person, hash, err);
    if (status == 0)
        accounts_refuse(err,
                        "This link for a new password is used up or too old; ask for a new one.");
    return accounts_settle(a, status, err);
}

/* ---- who there is ---- */

static void read_account(const struct store_rows *rows, struct account *ret)
{
    *ret = (struct account){
        .person = {.id = store_row_integer(rows, 0), .role = (enum role)store_row_integer(rows, 3)},
        .closed = store_row_integer(rows, 4) != 0,
        .has_password = store_row_integer(rows, 5) != 0,
        .made_ms = store_row_integer(rows, 6),
        .seen_ms = store_row_integer(rows, 7),
    };
    strncat(ret->person.name, store_row_text(rows, 1), PERSON_NAME_MAX);
    strncat(ret->full_name, store_row_text(rows, 2), FULL_NAME_MAX);
}

static int find(struct accounts *a, const char *statement, struct store_value who,
                struct account *ret_account, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(a->store, statement, &who, 1, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        read_account(rows, ret_account);
    store_rows_close(rows);
    return status;
}

int people_find(struct accounts *a, int64_t person, struct account *ret_account, struct err *err)
{
    return find(a, "person_get", store_integer(person), ret_account, err);
}

int people_find_name(struct accounts *a, struct str name, struct account *ret_account,
                     struct err *err)
{
    if (person_name_problem(name) != NULL)
        return 0;
    return find(a, "person_get_by_name", store_str(name), ret_account, err);
}

/* A pattern of LIKE for any text that contains these letters. */
static void add_pattern(struct str containing, struct buf *out)
{
    size_t i;

    buf_add_char(out, '%');
    for (i = 0; i < containing.len; i++) {
        char c = containing.data[i];
        if (c == '%' || c == '_' || c == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    buf_add_char(out, '%');
}

int people_list(struct accounts *a, struct str containing, struct str after,
                void (*each)(void *owner, const struct account *account), void *owner,
                struct err *err)
{
    struct store_rows *rows = NULL;
    struct buf pattern = {0};
    struct store_value v[3];
    int status, count = 0;

    add_pattern(containing, &pattern);
    v[0] = store_str(after);
    v[1] = store_str(buf_str(&pattern));
    v[2] = store_integer(PEOPLE_PAGE);
    status = store_query(a->store, "person_list", v, 3, &rows, err);
    while (status == 0 && (status = store_next(rows, err)) == 1) {
        struct account account;
        read_account(rows, &account);
        each(owner, &account);
        count++;
        status = 0;
    }
    store_rows_close(rows);
    buf_release(&pattern);
    return status < 0 ? status : count;
}

int people_set_full_name(struct accounts *a, int64_t person, struct str full_name, struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_str(full_name)};
    const char *problem = full_name_problem(full_name);

    return problem != NULL ? accounts_refuse(err, problem)
                           : change(a, "person_set_full_name", v, 2, err);
}

/* What may take the last admin away: under a lock, so that of two who do it at once the second sees
 * what the first did. */
static int change_locked(struct accounts *a, const char *statement, int64_t person, int64_t value,
                         struct err *err)
{
    const struct store_value v[] = {store_integer(person), store_integer(value)};
    int64_t ignored;
    int status = store_begin(a->store, err);

    if (status < 0)
        return status;
    status = store_ask(a->store, "person_admins_lock", NULL, 0, &ignored, err);
    if (status >= 0)
        status = change(a, statement, v, 2, err);
    if (status == 0)
        accounts_refuse(err,
                        "There is nobody of this number, or it is the last admin, who must stay.");
    return status;
}

int people_set_role(struct accounts *a, int64_t person, enum role role, struct err *err)
{
    return accounts_settle(a, change_locked(a, "person_set_role", person, role, err), err);
}

int people_set_closed(struct accounts *a, int64_t person, bool closed, struct err *err)
{
    const struct store_value who = store_integer(person);
    int status = change_locked(a, "person_set_closed", person, closed, err);

    if (status == 1 && closed)
        status = accounts_also(store_do(a->store, "session_end_all", &who, 1, err));
    return accounts_settle(a, status, err);
}

int people_count_admins(struct accounts *a, int64_t *ret_count, struct err *err)
{
    struct store_rows *rows = NULL;
    int status = store_query(a->store, "person_count_admins", NULL, 0, &rows, err);

    if (status == 0)
        status = store_next(rows, err);
    if (status == 1)
        *ret_count = store_row_integer(rows, 0);
    store_rows_close(rows);
    return status;
}

/* people.h - who has an account: name, role, password's hash, and how one gets in and out.
 *
 * A name is for signing in and is shown to others; it never changes. The full name is what a
 * teacher reads in a list; it may be "". Both are all that is known of a person besides what he
 * does here: no e-mail address is asked for.
 * Answers are as accounts.h says. */
#ifndef ACCOUNTS_PEOPLE_H
#define ACCOUNTS_PEOPLE_H

#include "../base/str.h"
#include "person.h"

struct accounts;
struct err;

enum { FULL_NAME_MAX = 80, PEOPLE_PAGE = 200 }; /* bytes; people in one list */

/* NULL, or a sentence on what is wrong with it. */
const char *person_name_problem(struct str name);
const char *full_name_problem(struct str full_name);
const char *role_text(enum role role); /* "learner" */
bool role_of(struct str text, enum role *ret_role);

struct sign_up {
    struct str name, full_name;
    const char *hash;           /* password.h's, or "": no password, he comes by a provider */
    struct str invitation;      /* a token (link.h), or "" */
    struct str issuer, subject; /* of a provider that he comes by (identity.h), or "" */
};

/* A learner, or what the invitation says; also puts him into the class that it names. 0: no
 * invitation where one is needed or one that is not good; a name that is taken, or is none. */
int people_sign_up(struct accounts *a, const struct sign_up *u, struct person *ret_person,
                   struct err *err);
/* Whether somebody may sign up with this invitation ("" for none), before the work of a hash. */
int people_may_sign_up(struct accounts *a, struct str invitation, struct err *err);

/* A name that nobody has, like the wanted one: "ada", else "ada-2", ... */
int people_free_name(struct accounts *a, const char *wanted, char ret_name[PERSON_NAME_MAX + 1],
                     struct err *err);

struct credentials {
    int64_t person; /* 0: there is nobody of this name, or his account is closed */
    char *hash;     /* never NULL; owned */
};

/* For a sign-in: what to hold the password against. For names that do not exist, that have no
 * password or are closed, a decoy of the same cost; so the answer takes as long, and is 1. Then
 * sign in only if person is not 0 and password_fits(). */
int people_credentials(struct accounts *a, struct str name, struct credentials *ret,
                       struct err *err);
int people_own_credentials(struct accounts *a, int64_t person, struct credentials *ret,
                           struct err *err); /* likewise, of one who is signed in */
void credentials_release(struct credentials *c);

/* Sets a password's hash, and ends all sessions and all links for a new password of his. */
int people_set_password(struct accounts *a, int64_t person, const char *hash, struct err *err);
/* The same password, hashed anew because the cost has risen: only if old_hash still stands. */
int people_rehash(struct accounts *a, int64_t person, const char *old_hash, const char *hash,
                  struct err *err);
/* By a link for a new password (LINK_PASSWORD), which it uses up. 0: it is not good. */
int people_reset_password(struct accounts *a, struct str token, const char *hash, struct err *err);

struct account {
    struct person person;
    char full_name[FULL_NAME_MAX + 1];
    bool closed; /* he cannot sign in */
    bool has_password;
    int64_t made_ms, seen_ms; /* seen_ms: to the hour */
};

int people_find(struct accounts *a, int64_t person, struct account *ret_account, struct err *err);
int people_find_name(struct accounts *a, struct str name, struct account *ret_account,
                     struct err *err);
/* By name, those whose name or full name contains the text ("" for all), from the one after
 * `after` ("" for the beginning): PEOPLE_PAGE at most. How many, or negative. */
int people_list(struct accounts *a, struct str containing, struct str after,
                void (*each)(void *owner, const struct account *account), void *owner,
                struct err *err);
int people_set_full_name(struct accounts *a, int64_t person, struct str full_name, struct err *err);
/* 0: nobody of this number, or the last admin, who must stay. */
int people_set_role(struct accounts *a, int64_t person, enum role role, struct err *err);
/* Closing ends all sessions. 0 as above. */
int people_set_closed(struct accounts *a, int64_t person, bool closed, struct err *err);
/* How many admins can sign in. */
int people_count_admins(struct accounts *a, int64_t *ret_count, struct err *err);

#endif

/* link.h - addresses that let somebody in: an invitation, a way into a class, a new password.
 *
 * Each has a token, which is shown once, when it is made; the database keeps its hash. A link is
 * good for so many uses and until a moment; used up, over, ended and never made are all the same
 * answer. Pages are /sign-up?invitation=TOKEN, /join?link=TOKEN and /new-password?link=TOKEN.
 * Answers are as accounts.h says. */
#ifndef ACCOUNTS_LINK_H
#define ACCOUNTS_LINK_H

#include "../base/str.h"
#include "person.h"
#include "secret.h"

struct accounts;
struct err;

enum link_kind { LINK_SIGN_UP = 1, LINK_CLASS = 2, LINK_PASSWORD = 3 }; /* as in the database */
enum { LINK_USES_MAX = 100000, LINK_DAYS_MAX = 400, LINK_LIST_MAX = 200 };

struct link_spec {
    enum link_kind kind;
    enum role role;   /* of who signs up by it */
    int64_t class_id; /* that he joins; 0: none */
    int64_t person;   /* LINK_PASSWORD: whose */
    int64_t maker;    /* who made it; 0: the command line */
    uint32_t uses;    /* from 1 */
    int64_t lasts_ms;
};

int link_new(struct accounts *a, const struct link_spec *spec, char ret_token[SECRET_TEXT_SIZE],
             struct err *err);

struct link {
    int64_t id;
    enum link_kind kind;
    enum role role;
    int64_t class_id, person, maker, uses_left, made_ms, until_ms;
};

/* 0: it is no good (any more), without a sentence. */
int link_find(struct accounts *a, struct str token, enum link_kind kind, struct link *ret_link,
              struct err *err);
/* Uses it once. 0: others were faster. */
int link_use(struct accounts *a, const struct link *link, struct err *err);
/* Those that are good, of a kind; of one maker, or of all with 0; of one class, or of all with 0.
 * How many. */
int link_list(struct accounts *a, enum link_kind kind, int64_t maker, int64_t class_id,
              void (*each)(void *owner, const struct link *link), void *owner, struct err *err);
int link_find_id(struct accounts *a, int64_t id, struct link *ret_link, struct err *err);
int link_end(struct accounts *a, int64_t id, struct err *err);
/* All for a new password of one person, or the first admin's. How many. */
int link_end_of(struct accounts *a, enum link_kind kind, int64_t person, struct err *err);
int link_sweep(struct accounts *a, struct err *err);

#endif

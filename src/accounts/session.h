/* session.h - who is signed in. A session is a token in a cookie; the database has its hash.
 *
 * It ends when nothing was asked with it for SESSION_IDLE_MS, at SESSION_WHOLE_MS in any case, at
 * sign-out, when the account is closed, and when the password changes (all of a person's do then).
 * Answers are as accounts.h says. */
#ifndef ACCOUNTS_SESSION_H
#define ACCOUNTS_SESSION_H

#include "../base/str.h"
#include "person.h"
#include "secret.h"

struct accounts;
struct err;

#define SESSION_IDLE_MS (14 * 86400000LL)
#define SESSION_WHOLE_MS (90 * 86400000LL)
enum {
    SESSION_TOUCH_MS = 3600000, /* a session that was seen within this is not written again */
    SESSIONS_MAX = 20,          /* of one person; the one that was idle longest makes room */
};

/* 0: there is nobody of this number, or his account is closed. */
int session_begin(struct accounts *a, int64_t person, char ret_token[SECRET_TEXT_SIZE],
                  struct err *err);
/* Who has this session; 0: nobody. */
int session_person(struct accounts *a, struct str token, struct person *ret_person,
                   struct err *err);
int session_end(struct accounts *a, struct str token, struct err *err);
/* All of a person's; how many. */
int session_end_all(struct accounts *a, int64_t person, struct err *err);
int session_list(struct accounts *a, int64_t person,
                 void (*each)(void *owner, int64_t made_ms, int64_t seen_ms), void *owner,
                 struct err *err);
/* Removes those that are over; how many. To be called now and then. */
int session_sweep(struct accounts *a, struct err *err);

#endif

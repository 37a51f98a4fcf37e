/* identity.h - which person a provider's (issuer, subject) is. One person may have several; one
 * identity is one person's. Answers are as accounts.h says. */
#ifndef ACCOUNTS_IDENTITY_H
#define ACCOUNTS_IDENTITY_H

#include "../base/str.h"

struct accounts;
struct err;

enum { IDENTITY_TEXT_MAX = 255 }; /* bytes of an issuer or a subject */

/* 0: nobody's so far. */
int identity_person(struct accounts *a, struct str issuer, struct str subject, int64_t *ret_person,
                    struct err *err);
/* 0: it is another person's already. */
int identity_add(struct accounts *a, int64_t person, struct str issuer, struct str subject,
                 struct err *err);
/* 0: he has none of this issuer, or it is his only way in: no password and no other. */
int identity_remove(struct accounts *a, int64_t person, struct str issuer, struct err *err);
int identity_list(struct accounts *a, int64_t person,
                  void (*each)(void *owner, struct str issuer, struct str subject, int64_t made_ms),
                  void *owner, struct err *err);

#endif

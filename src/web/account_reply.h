/* account_reply.h - what the handlers about accounts have in common: refusals, cookies, objects. */
#ifndef WEB_ACCOUNT_REPLY_H
#define WEB_ACCOUNT_REPLY_H

#include "../accounts/people.h"
#include "../accounts/throttle.h"

#include <jansson.h>

struct err;
struct link;
struct request;
struct response;
struct site;

/* False, and r is a 404: this server has no accounts. */
bool reply_has_accounts(const struct site *s, struct response *r);
/* False, and r is a 429: too often. */
bool reply_is_allowed(const struct site *s, enum throttle_kind kind, struct str key,
                      struct response *r);
bool reply_is_allowed_from(const struct site *s, enum throttle_kind kind, const struct request *q,
                           struct response *r); /* by the asker's address */
/* r says what err says; 0, so that one can say: return reply_refused(...). */
int reply_refused(struct response *r, unsigned status, const struct err *err);
/* A status of src/accounts: 1: *r is the caller's to fill, true. 0: r says what err says. Negative:
 * r is left; *ret_status has what the handler must return. */
bool reply_went(int status, unsigned refusal, struct response *r, const struct err *err,
                int *ret_status);

/* r becomes 200 or another status with value, which it takes; nobody keeps a copy. */
void reply_json(struct response *r, unsigned status, json_t *value);
/* A text of strangers; "" if it is not UTF-8. */
json_t *reply_text(const char *text);
json_t *reply_person(const struct person *p); /* {"id", "name", "role"} */
/* {"id", "kind", "role", "uses_left", "made_ms", "until_ms", "class"} */
json_t *reply_link(const struct link *link);
/* {"path", "url", "until_ms"}: what is shown once. page: "/sign-up?invitation=" */
json_t *reply_new_link(const struct site *s, const char *page, const char *token, int64_t until_ms);

/* The cookie of a session; token "": takes it away. */
void reply_session(const struct site *s, struct response *r, const char *token);
/* Who it is from now on: a new session with its cookie, and as body what GET /me says. Negative, or
 * 0 with r filled in any case. */
int reply_signed_in(const struct site *s, int64_t person, unsigned status, struct response *r,
                    struct err *err);
json_t *reply_me(const struct site *s, const struct account *account, struct err *err);

/* A number between low and high in a member of the body; `absent` if it is not there. False, and r
 * is a 400: it is something else. */
bool reply_number(const json_t *object, const char *name, const int64_t bounds[2], int64_t absent,
                  int64_t *ret_number, struct response *r);
/* The number that stands in a path; false and 404. */
bool reply_id(struct str word, int64_t *ret_id, struct response *r);

#endif

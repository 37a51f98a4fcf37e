/* api_account.h - /api/v1, the part about people: who one is, signing up, in and out, passwords,
 * one's own data; for admins, others' accounts and invitations.
 *
 * Handlers as api.h has them. Without accounts (struct site) all but GET /session answer 404.
 * Passwords are hashed in a thread of their own (response_later). Guessing is held back by
 * throttle.h before any work is done, and what is said of a name that does not exist is what is
 * said of a wrong password. */
#ifndef WEB_API_ACCOUNT_H
#define WEB_API_ACCOUNT_H

struct accounts;
struct err;
struct person;
struct request;
struct response;
struct site;

/* For struct site: who has this session. 1, or 0: nobody. */
int account_of_session(struct accounts *a, const char *session, struct person *ret_person,
                       struct err *err);

enum { ACCOUNT_BODY_MAX = 8 << 10 };

#define ACCOUNT_HANDLER(name)                                                                      \
    int name(const struct site *s, const struct request *q, struct response *r, struct err *err)

ACCOUNT_HANDLER(api_session);      /* GET: may one sign in here, how, and who is signed in */
ACCOUNT_HANDLER(api_sign_in);      /* POST /session */
ACCOUNT_HANDLER(api_sign_out);     /* DELETE /session */
ACCOUNT_HANDLER(api_sign_out_all); /* DELETE /sessions */
ACCOUNT_HANDLER(api_sign_up);      /* POST /users */
ACCOUNT_HANDLER(api_reset);        /* POST /password: a new one, by a link */
ACCOUNT_HANDLER(api_me);
ACCOUNT_HANDLER(api_me_put);      /* the full name */
ACCOUNT_HANDLER(api_me_password); /* PUT */
ACCOUNT_HANDLER(api_me_unlink);   /* DELETE /me/identities/PROVIDER */
ACCOUNT_HANDLER(api_me_export);
ACCOUNT_HANDLER(api_me_delete);

ACCOUNT_HANDLER(api_users);       /* admin: GET /admin/users?q=&after= */
ACCOUNT_HANDLER(api_user_put);    /* admin: role, closed */
ACCOUNT_HANDLER(api_user_link);   /* admin: POST .../password: a link for a new password */
ACCOUNT_HANDLER(api_user_delete); /* admin */
ACCOUNT_HANDLER(api_invitations); /* teacher: own; admin: all */
ACCOUNT_HANDLER(api_invitation_post);
ACCOUNT_HANDLER(api_invitation_delete);

/* Pages that lead to a provider and back: /auth/PROVIDER?next=&invitation=, .../callback. */
ACCOUNT_HANDLER(auth_begin);
ACCOUNT_HANDLER(auth_callback);

#endif

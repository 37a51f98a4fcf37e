/* oidc.h - signing in at somebody else's: OpenID Connect's authorization code flow, with PKCE,
 * state and nonce.
 *
 *     browser --/auth/NAME--> oidc_begin() asks the provider's discovery document, and makes the
 *         address at the provider to which the browser is sent. The person signs in there.
 *     browser --/auth/NAME/callback?code&state--> oidc_finish() gives the code (and the verifier
 *         that only we know) to the provider for an ID token, which jwt.h checks.
 *
 * Nothing that the provider says is kept between calls. Both wait for the network, bounded by
 * fetch.h, and may be called from any thread. */
#ifndef ACCOUNTS_OIDC_H
#define ACCOUNTS_OIDC_H

#include "../base/str.h"
#include "identity.h"
#include "people.h"
#include "secret.h"

struct err;

enum { OIDC_NAME_MAX = 30, OIDC_CODE_MAX = 1024, OIDC_SECRET_MAX = 1024 };

struct oidc_provider {
    char *name;   /* in addresses and on buttons: a-z, 0-9, - */
    char *issuer; /* as the provider spells it */
    char *client_id;
    char *secret; /* "": a public client, with PKCE alone */
};

/* "NAME=ISSUER,CLIENT_ID,SECRET-FILE"; the file's one line is the secret, and without a file there
 * is none. ERR_INPUT: what is wrong with it; ERR_MACHINE: the file cannot be read. */
int oidc_provider_read(const char *text, struct oidc_provider **ret_provider, struct err *err);
void oidc_provider_free(struct oidc_provider *p); /* NULL is fine */

/* Of one sign-in; each a token. */
struct oidc_secrets {
    char state[SECRET_TEXT_SIZE], nonce[SECRET_TEXT_SIZE], verifier[SECRET_TEXT_SIZE];
};
void oidc_secrets_new(struct oidc_secrets *s);

/* What is to be believed of who signed in, and what he might like to be called. */
struct oidc_identity {
    char issuer[IDENTITY_TEXT_MAX + 1], subject[IDENTITY_TEXT_MAX + 1];
    char name[PERSON_NAME_MAX + 1]; /* one that person_name_problem() allows */
    char full_name[FULL_NAME_MAX + 1];
};

/* Appends the address at the provider. ERR_AWAY, ERR_INPUT as of fetch.h; also if the document is
 * another issuer's. */
int oidc_begin(const struct oidc_provider *p, const struct oidc_secrets *s, const char *callback,
               struct buf *out, struct err *err);
/* now_s: since 1970. ERR_AWAY, ERR_INPUT. */
int oidc_finish(const struct oidc_provider *p, const struct oidc_secrets *s, const char *callback,
                const char *code, int64_t now_s, struct oidc_identity *ret_identity,
                struct err *err);

#endif

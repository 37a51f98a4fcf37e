/* jwt.h - an ID token of OpenID Connect: signed by the provider, for us, for this sign-in.
 *
 * Signatures are RS256 or ES256, by a key of the provider's list (JWKS); nothing else is known, so
 * nothing else can be asked for: no "none", no shared secrets. Reads no clock, no network. */
#ifndef ACCOUNTS_JWT_H
#define ACCOUNTS_JWT_H

#include "../base/str.h"

#include <jansson.h>

struct err;

enum { JWT_MAX = 16 << 10, JWT_LEEWAY_S = 60, JWT_KEYS_MAX = 50 };

struct jwt_wanted {
    const char *issuer, *audience, *nonce; /* what iss, aud and nonce must be */
    int64_t now_s;                         /* since 1970 */
};

/* 0 and the claims (the caller's), among them "sub" as a text of 1 to 255 bytes. ERR_INPUT: the
 * token is not good, and err says why; nothing of it may be believed. */
int jwt_check(struct str token, const json_t *jwks, const struct jwt_wanted *wanted,
              json_t **ret_claims, struct err *err);

#endif

/* jwk.h - the public keys of a provider, as JSON (RFC 7517, 7518), for the two algorithms that we
 * know: RS256 with 2048 bits or more, and ES256. */
#ifndef ACCOUNTS_JWK_H
#define ACCOUNTS_JWK_H

#include "../base/str.h"

#include <jansson.h>
#include <openssl/types.h>

enum jwk_kind { JWK_RS256, JWK_ES256 };

bool jwk_kind_of(const char *alg, enum jwk_kind *ret_kind); /* exactly "RS256" or "ES256" */
/* The key is of this kind and not meant for anything else. */
bool jwk_is(const json_t *key, enum jwk_kind kind);
/* The caller's (EVP_PKEY_free); NULL if it is no sound key. */
EVP_PKEY *jwk_open(const json_t *key, enum jwk_kind kind);
/* A token's signature as OpenSSL wants it; false if it has the wrong form. */
bool jwk_signature(enum jwk_kind kind, struct str raw, struct buf *out);

#endif

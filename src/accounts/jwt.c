/* An ID token is three parts of base64url with points between: a header that says how it is signed,
 * the claims, and the signature over the first two as they stand.
 *
 * The classic holes are shut by what is not here: the algorithm does not come from the token alone
 * (the key must be of the kind that it needs, and may itself name an algorithm), keys come only
 * from the provider's list (never "jwk", "jku" or "x5u" of the header), there is no HMAC, for which
 * a public key would be a secret, and no "none". A header with "crit" asks for what we do not know.
 */
#include "jwt.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "base64url.h"
#include "jwk.h"
#include "secret.h"

#include <openssl/evp.h>
#include <string.h>

struct token {
    struct str signed_part; /* borrowed: header.claims */
    json_t *header, *claims;
    struct buf signature;
};

static int bad(struct err *err, const char *why)
{
    return err_set(err, ERR_INPUT, "the ID token %s", why);
}

static json_t *read_part(struct str text)
{
    struct buf bytes = {0};
    json_t *value = NULL;

    if (base64url_decode(text, &bytes) && bytes.len > 0)
        value = json_loadb(bytes.data, bytes.len, JSON_REJECT_DUPLICATES, NULL);
    buf_release(&bytes);
    if (!json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

static int token_read(struct str text, struct token *t, struct err *err)
{
    const char *first = text.len <= JWT_MAX ? memchr(text.data, '.', text.len) : NULL;
    const char *end = text.data + text.len;
    const char *second = first != NULL ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;

    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
        return bad(err, "does not have three parts");
    t->signed_part = (struct str){text.data, (size_t)(second - text.data)};
    t->header = read_part((struct str){text.data, (size_t)(first - text.data)});
    t->claims = read_part((struct str){first + 1, (size_t)(second - first - 1)});
    if (t->header == NULL || t->claims == NULL ||
        !base64url_decode((struct str){second + 1, (size_t)(end - second - 1)}, &t->signature))
        return bad(err, "cannot be read");
    return 0;
}

static void token_release(struct token *t)
{
    json_decref(t->header);
    json_decref(t->claims);
    buf_release(&t->signature);
}

/* ---- the signature ---- */

static bool verify(EVP_PKEY *key, const struct token *t, const struct buf *signature)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool good =
        c != NULL && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(c, (const unsigned char *)signature->data, signature->len,
                         (const unsigned char *)t->signed_part.data, t->signed_part.len) == 1;

    EVP_MD_CTX_free(c);
    return good;
}

/* The one key of the list that the header means; NULL: none, or more than one. */
static const json_t *find_key(const json_t *jwks, enum jwk_kind kind, const char *kid)
{
    const json_t *keys = json_object_get(jwks, "keys"), *found = NULL;
    size_t i;

    for (i = 0; i < json_array_size(keys) && i < JWT_KEYS_MAX; i++) {
        const json_t *key = json_array_get(keys, i);
        const char *name = json_string_value(json_object_get(key, "kid"));
        if (!jwk_is(key, kind) || (kid != NULL && (name == NULL || strcmp(name, kid) != 0)))
            continue;
        if (found != NULL)
            return NULL;
        found = key;
    }
    return found;
}

static int check_signature(struct token *t, const json_t *jwks, struct err *err)
{
    const char *alg = json_string_value(json_object_get(t->header, "alg"));
    const char *kid = json_string_value(json_object_get(t->header, "kid"));
    struct buf signature = {0};
    enum jwk_kind kind;
    const json_t *jwk;
    EVP_PKEY *key;
    bool good;

    if (alg == NULL || !jwk_kind_of(alg, &kind))
        return bad(err, "is not signed by RS256 or ES256");
    if (json_object_get(t->header, "crit") != NULL)
        return bad(err, "asks for something that is not known here");
    jwk = find_key(jwks, kind, kid);
    if (jwk == NULL)
        return bad(err, "is signed by a key that is not, or not once, in the provider's list");
    key = jwk_open(jwk, kind);
    if (key == NULL)
        return bad(err, "is signed by a key that cannot be used");
    good = jwk_signature(kind, buf_str(&t->signature), &signature) && verify(key, t, &signature);
    buf_release(&signature);
    EVP_PKEY_free(key);
    return good ? 0 : bad(err, "is not signed by the provider");
}

/* ---- the claims ---- */

static bool is_text(const json_t *value, const char *wanted)
{
    return json_is_string(value) && json_string_length(value) == strlen(wanted) &&
           memcmp(json_string_value(value), wanted, strlen(wanted)) == 0;
}

/* We are among those it is for; and where there are others, it was made for us ("azp"). */
static bool is_for(const json_t *claims, const char *audience)
{
    const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp");
    bool among = is_text(aud, audience);
    size_t i;

    for (i = 0; !among && i < json_array_size(aud); i++)
        among = is_text(json_array_get(aud, i), audience);
    if (!among || (azp != NULL && !is_text(azp, audience)))
        return false;
    return azp != NULL || json_array_size(aud) < 2;
}

/* The moment of a claim in seconds; false if it is none. */
static bool moment(const json_t *claims, const char *name, double *ret_s)
{
    const json_t *value = json_object_get(claims, name);

    if (!json_is_number(value))
        return false;
    *ret_s = json_number_value(value);
    return true;
}

static int check_claims(const json_t *claims, const struct jwt_wanted *w, struct err *err)
{
    const json_t *nonce = json_object_get(claims, "nonce"), *sub = json_object_get(claims, "sub");
    double now = (double)w->now_s, at = 0;

    if (!is_text(json_object_get(claims, "iss"), w->issuer))
        return bad(err, "is another provider's");
    if (!is_for(claims, w->audience))
        return bad(err, "is for somebody else");
    if (!moment(claims, "exp", &at) || at <= now - JWT_LEEWAY_S)
        return bad(err, "is over");
    if (!moment(claims, "iat", &at) || at > now + JWT_LEEWAY_S)
        return bad(err, "is from the future; compare the clocks of both machines");
    if (moment(claims, "nbf", &at) && at > now + JWT_LEEWAY_S)
        return bad(err, "is not good yet; compare the clocks of both machines");
    if (!json_is_string(nonce) ||
        !secret_equal((struct str){json_string_value(nonce), json_string_length(nonce)},
                      str_of(w->nonce)))
        return bad(err, "is of another sign-in");
    if (!json_is_string(sub) || json_string_length(sub) < 1 || json_string_length(sub) > 255 ||
        strlen(json_string_value(sub)) != json_string_length(sub))
        return bad(err, "does not say who it is about");
    return 0;
}

int jwt_check(struct str token, const json_t *jwks, const struct jwt_wanted *wanted,
              json_t **ret_claims, struct err *err)
{
    struct token t = {0};
    int status = token_read(token, &t, err);

    if (status == 0)
        status = check_signature(&t, jwks, err);
    if (status == 0)
        status = check_claims(t.claims, wanted, err);
    if (status == 0)
        *ret_claims = json_incref(t.claims);
    token_release(&t);
    return status;
}

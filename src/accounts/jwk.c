#include "jwk.h"

#include "base64url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192, P256_LEN = 32 };

bool jwk_kind_of(const char *alg, enum jwk_kind *ret_kind)
{
    *ret_kind = strcmp(alg, "ES256") == 0 ? JWK_ES256 : JWK_RS256;
    return strcmp(alg, "RS256") == 0 || strcmp(alg, "ES256") == 0;
}

/* The member is this text, or is not there and need not be. */
static bool says(const json_t *key, const char *name, const char *wanted, bool must)
{
    const char *text = json_string_value(json_object_get(key, name));

    return text != NULL ? strcmp(text, wanted) == 0 : !must && json_object_get(key, name) == NULL;
}

bool jwk_is(const json_t *key, enum jwk_kind kind)
{
    if (!says(key, "use", "sig", false))
        return false;
    if (kind == JWK_RS256)
        return says(key, "kty", "RSA", true) && says(key, "alg", "RS256", false);
    return says(key, "kty", "EC", true) && says(key, "crv", "P-256", true) &&
           says(key, "alg", "ES256", false);
}

static bool read_member(const json_t *key, const char *name, struct buf *out)
{
    const char *text = json_string_value(json_object_get(key, name));

    return text != NULL && base64url_decode(str_of(text), out) && out->len > 0;
}

static EVP_PKEY *make_key(const char *type, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (params == NULL || c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
        EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *open_rsa(const json_t *jwk)
{
    struct buf n = {0}, e = {0};
    BIGNUM *big_n = NULL, *big_e = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;

    if (build == NULL || !read_member(jwk, "n", &n) || !read_member(jwk, "e", &e) ||
        n.len > RSA_BITS_MAX / 8 || e.len > 8)
        goto out;
    big_n = BN_bin2bn((const unsigned char *)n.data, (int)n.len, NULL);
    big_e = BN_bin2bn((const unsigned char *)e.data, (int)e.len, NULL);
    if (big_n == NULL || big_e == NULL || BN_num_bits(big_n) < RSA_BITS_MIN || !BN_is_odd(big_e) ||
        BN_is_one(big_e))
        goto out;
    if (OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, big_n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, big_e) == 1)
        key = make_key("RSA", build);
out:
    OSSL_PARAM_BLD_free(build);
    BN_free(big_n);
    BN_free(big_e);
    buf_release(&n);
    buf_release(&e);
    return key;
}

/* OpenSSL itself refuses a point that is not on the curve. */
static EVP_PKEY *open_p256(const json_t *jwk)
{
    struct buf x = {0}, y = {0};
    unsigned char point[1 + 2 * P256_LEN] = {POINT_CONVERSION_UNCOMPRESSED};
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;

    if (build != NULL && read_member(jwk, "x", &x) && read_member(jwk, "y", &y) &&
        x.len == P256_LEN && y.len == P256_LEN) {
        memcpy(point + 1, x.data, P256_LEN);
        memcpy(point + 1 + P256_LEN, y.data, P256_LEN);
        if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ==
                1 &&
            OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                             sizeof(point)) == 1)
            key = make_key("EC", build);
    }
    OSSL_PARAM_BLD_free(build);
    buf_release(&x);
    buf_release(&y);
    return key;
}

EVP_PKEY *jwk_open(const json_t *key, enum jwk_kind kind)
{
    return kind == JWK_RS256 ? open_rsa(key) : open_p256(key);
}

bool jwk_signature(enum jwk_kind kind, struct str raw, struct buf *out)
{
    const unsigned char *bytes = (const unsigned char *)raw.data;
    unsigned char *der = NULL;
    ECDSA_SIG *pair;
    BIGNUM *r, *s;
    int len = -1;

    if (kind == JWK_RS256) {
        buf_add_str(out, raw);
        return raw.len > 0;
    }
    if (raw.len != 2 * (size_t)P256_LEN)
        return false;
    pair = ECDSA_SIG_new();
    r = BN_bin2bn(bytes, P256_LEN, NULL);
    s = BN_bin2bn(bytes + P256_LEN, P256_LEN, NULL);
    if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = s = NULL; /* the pair's now */
        len = i2d_ECDSA_SIG(pair, &der);
    }
    if (len > 0)
        buf_add(out, der, (size_t)len);
    OPENSSL_free(der);
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return len > 0;
}

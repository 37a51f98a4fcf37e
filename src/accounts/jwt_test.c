/* Tokens as providers make them, and as people do who are none. */
#include "jwt.h"

#include "../base/err.h"
#include "../base/test.h"
#include "base64url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

static const struct jwt_wanted wanted = {"https://issuer.example", "eddy", "the-nonce", 1700000000};

static const char good_claims[] =
    "{\"iss\":\"https://"
    "issuer.example\",\"aud\":\"eddy\",\"sub\":\"248289761001\",\"exp\":1700000300,"
    "\"iat\":1700000000,\"nonce\":\"the-nonce\"}";

static void add_part(const void *bytes, size_t len, struct buf *out)
{
    base64url_encode((struct str){bytes, len}, out);
}

/* A number of a key as the list has it, in so many bytes. */
static void add_number(EVP_PKEY *key, const char *name, int len, struct buf *out)
{
    unsigned char bytes[1024];
    BIGNUM *n = NULL;

    CHECK_INT(EVP_PKEY_get_bn_param(key, name, &n), 1);
    if (len == 0)
        len = BN_num_bytes(n);
    CHECK_INT(BN_bn2binpad(n, bytes, len), len);
    add_part(bytes, (size_t)len, out);
    BN_free(n);
}

static void add_rsa(EVP_PKEY *key, const char *kid, struct buf *out)
{
    buf_addf(out, "{\"kty\":\"RSA\",\"use\":\"sig\",\"kid\":\"%s\",\"n\":\"", kid);
    add_number(key, OSSL_PKEY_PARAM_RSA_N, 0, out);
    buf_add_text(out, "\",\"e\":\"");
    add_number(key, OSSL_PKEY_PARAM_RSA_E, 0, out);
    buf_add_text(out, "\"}");
}

static void add_ec(EVP_PKEY *key, const char *kid, struct buf *out)
{
    buf_addf(out, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"", kid);
    add_number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32, out);
    buf_add_text(out, "\",\"y\":\"");
    add_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32, out);
    buf_add_text(out, "\"}");
}

/* What DER says as r and s, one behind the other. */
static void add_raw(const unsigned char *der, size_t len, struct buf *out)
{
    unsigned char raw[64];
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)len);

    CHECK(pair != NULL);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + 32, 32);
    add_part(raw, sizeof(raw), out);
    ECDSA_SIG_free(pair);
}

/* header.claims.signature; the caller's. */
static char *sign(EVP_PKEY *key, const char *header, const char *claims)
{
    unsigned char signature[1024];
    size_t len = sizeof(signature);
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    struct buf token = {0};

    add_part(header, strlen(header), &token);
    buf_add_char(&token, '.');
    add_part(claims, strlen(claims), &token);
    CHECK_INT(EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key), 1);
    CHECK_INT(EVP_DigestSign(c, signature, &len, (const unsigned char *)token.data, token.len), 1);
    buf_add_char(&token, '.');
    if (EVP_PKEY_is_a(key, "EC"))
        add_raw(signature, len, &token);
    else
        add_part(signature, len, &token);
    EVP_MD_CTX_free(c);
    return buf_take(&token);
}

static struct {
    EVP_PKEY *rsa, *ec, *stranger;
    json_t *jwks;
} keys;

static void keys_end(void)
{
    EVP_PKEY_free(keys.rsa);
    EVP_PKEY_free(keys.ec);
    EVP_PKEY_free(keys.stranger);
    json_decref(keys.jwks);
}

static void keys_begin(void)
{
    struct buf list = {0};

    if (keys.rsa != NULL)
        return;
    keys.rsa = EVP_RSA_gen(2048);
    keys.ec = EVP_EC_gen("P-256");
    keys.stranger = EVP_RSA_gen(2048);
    buf_add_text(&list, "{\"keys\":[");
    add_rsa(keys.rsa, "r1", &list);
    buf_add_char(&list, ',');
    add_ec(keys.ec, "e1", &list);
    buf_add_text(&list, ",{\"kty\":\"oct\",\"kid\":\"o1\",\"k\":\"AAAA\"},7]}");
    keys.jwks = json_loads(list.data, 0, NULL);
    CHECK(keys.jwks != NULL);
    buf_release(&list);
    atexit(keys_end);
}

/* "" if it is good, else why not. */
static const char *verdict_of(const char *token, const json_t *jwks)
{
    static struct err err;
    json_t *claims = NULL;

    err.text[0] = '\0';
    if (jwt_check(str_of(token), jwks, &wanted, &claims, &err) == 0)
        CHECK_TEXT(json_string_value(json_object_get(claims, "sub")), "248289761001");
    else
        CHECK(claims == NULL && err.text[0] != '\0');
    json_decref(claims);
    return err.text;
}

static void expect(EVP_PKEY *key, const char *header, const char *claims, const char *why)
{
    char *token;

    keys_begin();
    token = sign(key, header, claims);
    if (why == NULL)
        CHECK_TEXT(verdict_of(token, keys.jwks), "");
    else
        CHECK_HAS(verdict_of(token, keys.jwks), why);
    free(token);
}

TEST(tokens_signed_by_the_provider_are_good)
{
    keys_begin();
    expect(keys.rsa, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", good_claims, NULL);
    expect(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"e1\",\"typ\":\"JWT\"}", good_claims, NULL);
    expect(keys.rsa, "{\"alg\":\"RS256\"}", good_claims, NULL); /* there is one of its kind */
}

TEST(tokens_signed_by_others_are_not)
{
    keys_begin();
    expect(keys.stranger, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", good_claims, "not signed by the");
    expect(keys.rsa, "{\"alg\":\"RS256\",\"kid\":\"r2\"}", good_claims, "by a key that is not");
    expect(keys.rsa, "{\"alg\":\"RS256\",\"kid\":\"e1\"}", good_claims, "by a key that is not");
    expect(keys.rsa, "{\"alg\":\"ES256\",\"kid\":\"e1\"}", good_claims, "not signed by the");
    expect(keys.rsa, "{\"alg\":\"RS512\",\"kid\":\"r1\"}", good_claims, "RS256 or ES256");
    expect(keys.rsa, "{\"alg\":\"HS256\",\"kid\":\"o1\"}", good_claims, "RS256 or ES256");
    expect(keys.rsa, "{\"alg\":\"none\"}", good_claims, "RS256 or ES256");
    expect(keys.rsa, "{\"alg\":7}", good_claims, "RS256 or ES256");
    expect(keys.rsa, "{}", good_claims, "RS256 or ES256");
    expect(keys.rsa, "{\"alg\":\"RS256\",\"kid\":\"r1\",\"crit\":[\"x\"]}", good_claims,
           "not known");
}

TEST(claims_must_be_for_us_now_and_for_this_sign_in)
{
    static const char head[] = "{\"alg\":\"ES256\",\"kid\":\"e1\"}";
#define CLAIMS(iss, aud, exp, iat, nonce, more)                                                    \
    "{\"iss\":" iss ",\"aud\":" aud ",\"exp\":" exp ",\"iat\":" iat ",\"nonce\":" nonce more "}"
#define SUB ",\"sub\":\"248289761001\""
    static const struct {
        const char *claims, *why;
    } cases[] = {
        {CLAIMS("\"https://issuer.example\"", "[\"eddy\"]", "1700000300", "1700000000",
                "\"the-nonce\"", SUB),
         NULL},
        {CLAIMS("\"https://issuer.example\"", "[\"eddy\",\"other\"]", "1700000300", "1700000000",
                "\"the-nonce\"", SUB ",\"azp\":\"eddy\""),
         NULL},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1699999950", "1700000050",
                "\"the-nonce\"", SUB),
         NULL}, /* clocks differ a little */
        {CLAIMS("\"https://issuer.example\"", "[\"eddy\",\"other\"]", "1700000300", "1700000000",
                "\"the-nonce\"", SUB),
         "somebody else"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000000",
                "\"the-nonce\"", SUB ",\"azp\":\"other\""),
         "somebody else"},
        {CLAIMS("\"https://other.example\"", "\"eddy\"", "1700000300", "1700000000",
                "\"the-nonce\"", SUB),
         "another provider"},
        {CLAIMS("\"https://issuer.example/\"", "\"eddy\"", "1700000300", "1700000000",
                "\"the-nonce\"", SUB),
         "another provider"},
        {CLAIMS("7", "\"eddy\"", "1700000300", "1700000000", "\"the-nonce\"", SUB),
         "another provider"},
        {CLAIMS("\"https://issuer.example\"", "\"other\"", "1700000300", "1700000000",
                "\"the-nonce\"", SUB),
         "somebody else"},
        {CLAIMS("\"https://issuer.example\"", "[]", "1700000300", "1700000000", "\"the-nonce\"",
                SUB),
         "somebody else"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1699999940", "1699999900",
                "\"the-nonce\"", SUB),
         "over"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "\"9999999999\"", "1700000000",
                "\"the-nonce\"", SUB),
         "over"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000061",
                "\"the-nonce\"", SUB),
         "future"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000000",
                "\"the-nonce\"", SUB ",\"nbf\":1700000100"),
         "not good yet"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000000",
                "\"other-nonc\"", SUB),
         "another sign-in"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000000", "null", SUB),
         "another sign-in"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000000",
                "\"the-nonce\"", ""),
         "who it is about"},
        {CLAIMS("\"https://issuer.example\"", "\"eddy\"", "1700000300", "1700000000",
                "\"the-nonce\"", ",\"sub\":\"\""),
         "who it is about"},
        {"[]", "cannot be read"},
        {"{\"iss\":1,\"iss\":2}", "cannot be read"},
        {"x", "cannot be read"},
    };
    size_t i;

    keys_begin();
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect(keys.ec, head, cases[i].claims, cases[i].why);
}

TEST(a_token_that_was_touched_is_not_good)
{
    char *token, *cut;
    size_t i, len;

    keys_begin();
    token = sign(keys.ec, "{\"alg\":\"ES256\",\"kid\":\"e1\"}", good_claims);
    len = strlen(token);
    for (i = 0; i < len; i++) {
        char old = token[i];
        token[i] = old == 'A' ? 'B' : 'A';
        CHECK(verdict_of(token, keys.jwks)[0] != '\0');
        token[i] = old;
    }
    CHECK_TEXT(verdict_of(token, keys.jwks), "");
    for (i = 0; i < len; i++) {
        cut = strndup(token, i);
        CHECK(verdict_of(cut, keys.jwks)[0] != '\0');
        free(cut);
    }
    free(token);
}

TEST(forms_that_are_no_token)
{
    struct buf huge = {0};
    size_t i;

    keys_begin();
    CHECK_HAS(verdict_of("", keys.jwks), "three parts");
    CHECK_HAS(verdict_of("..", keys.jwks), "cannot be read");
    CHECK_HAS(verdict_of("a.b", keys.jwks), "three parts");
    CHECK_HAS(verdict_of("a.b.c.d", keys.jwks), "three parts");
    for (i = 0; i <= JWT_MAX; i++)
        buf_add_char(&huge, 'A');
    CHECK_HAS(verdict_of(huge.data, keys.jwks), "three parts");
    buf_release(&huge);
}

/* Goal: a list that is odd or hostile is no way in and no crash. */
TEST(lists_of_keys_that_help_nobody)
{
    static const char *const lists[] = {
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[]}",
        "{\"keys\":[null,7,\"x\",{}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}]}", /* too short */
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\"}]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"n\":7,\"e\":[]}]}",
    };
    char *token;
    size_t i;

    keys_begin();
    token = sign(keys.rsa, "{\"alg\":\"RS256\"}", good_claims);
    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        json_t *jwks = json_loads(lists[i], 0, NULL);
        CHECK(jwks != NULL);
        CHECK(verdict_of(token, jwks)[0] != '\0');
        json_decref(jwks);
    }
    free(token);
}

TEST(keys_meant_for_something_else_are_not_used)
{
    struct buf list = {0};
    json_t *jwks;
    char *token;

    keys_begin();
    token = sign(keys.rsa, "{\"alg\":\"RS256\",\"kid\":\"r1\"}", good_claims);
    buf_add_text(&list, "{\"keys\":[");
    add_rsa(keys.rsa, "r1", &list);
    buf_add_char(&list, ',');
    add_rsa(keys.stranger, "r1", &list);
    buf_add_text(&list, "]}");
    jwks = json_loads(list.data, 0, NULL);
    CHECK_HAS(verdict_of(token, jwks), "not once"); /* which of the two? */
    json_array_remove(json_object_get(jwks, "keys"), 1);
    CHECK_TEXT(verdict_of(token, jwks), "");
    json_object_set_new(json_array_get(json_object_get(jwks, "keys"), 0), "use",
                        json_string("enc"));
    CHECK_HAS(verdict_of(token, jwks), "is not");
    json_object_set_new(json_array_get(json_object_get(jwks, "keys"), 0), "use",
                        json_string("sig"));
    json_object_set_new(json_array_get(json_object_get(jwks, "keys"), 0), "alg",
                        json_string("PS256"));
    CHECK_HAS(verdict_of(token, jwks), "is not");
    json_decref(jwks);
    buf_release(&list);
    free(token);
}

#include "oidc.h"

#include "../base/err.h"
#include "../base/file.h"
#include "../base/mem.h"
#include "base64url.h"
#include "fetch.h"
#include "jwt.h"

#include <openssl/sha.h>
#include <string.h>

/* ---- configuration ---- */

static bool is_provider_name(struct str name)
{
    size_t i;

    for (i = 0; i < name.len; i++) {
        char c = name.data[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
            return false;
    }
    return name.len > 0 && name.len <= OIDC_NAME_MAX;
}

static int read_secret(const char *path, char **ret_secret, struct err *err)
{
    struct buf text = {0};
    int status = path[0] != '\0' ? file_read(path, OIDC_SECRET_MAX, &text, err) : 0;

    if (status < 0)
        return status;
    while (text.len > 0 && (text.data[text.len - 1] == '\n' || text.data[text.len - 1] == '\r'))
        text.len--;
    if (path[0] != '\0' && (text.len == 0 || memchr(text.data, '\n', text.len) != NULL ||
                            memchr(text.data, '\0', text.len) != NULL))
        status = err_set(err, ERR_INPUT, "%s does not have a secret in one line", path);
    else
        *ret_secret = mem_strndup(text.len > 0 ? text.data : "", text.len);
    secret_forget(text.data, text.len);
    buf_release(&text);
    return status;
}

static int bad(struct err *err, const char *text, const char *why)
{
    return err_set(err, ERR_INPUT,
                   "the provider \"%s\" %s; it is written NAME=ISSUER,CLIENT_ID,SECRET-FILE", text,
                   why);
}

int oidc_provider_read(const char *text, struct oidc_provider **ret_provider, struct err *err)
{
    const char *equals = strchr(text, '=');
    const char *first = equals != NULL ? strchr(equals, ',') : NULL;
    const char *second = first != NULL ? strchr(first + 1, ',') : NULL;
    struct oidc_provider *p;
    int status;

    if (second == NULL || second == first + 1)
        return bad(err, text, "lacks something");
    if (!is_provider_name((struct str){text, (size_t)(equals - text)}))
        return bad(err, text, "has a name with something else than a-z, 0-9 and -");
    p = mem_zalloc(sizeof(*p));
    p->name = mem_strndup(text, (size_t)(equals - text));
    p->issuer = mem_strndup(equals + 1, (size_t)(first - equals - 1));
    p->client_id = mem_strndup(first + 1, (size_t)(second - first - 1));
    if (!fetch_may(p->issuer) || strchr(p->issuer, '?') != NULL ||
        strlen(p->issuer) > IDENTITY_TEXT_MAX)
        status = bad(err, text, "has an issuer that does not begin with https://");
    else
        status = read_secret(second + 1, &p->secret, err);
    if (status < 0)
        oidc_provider_free(p);
    else
        *ret_provider = p;
    return status;
}

void oidc_provider_free(struct oidc_provider *p)
{
    if (p == NULL)
        return;
    mem_free(p->name);
    mem_free(p->issuer);
    mem_free(p->client_id);
    if (p->secret != NULL)
        secret_forget(p->secret, strlen(p->secret));
    mem_free(p->secret);
    mem_free(p);
}

void oidc_secrets_new(struct oidc_secrets *s)
{
    secret_new(s->state);
    secret_new(s->nonce);
    secret_new(s->verifier);
}

/* ---- discovery ---- */

/* The provider's description of itself, which must be of this very issuer: else one provider could
 * have the sign-ins of another. */
static int discover(const struct oidc_provider *p, json_t **ret_document, struct err *err)
{
    struct buf url = {0};
    struct fetch f = {0};
    json_t *document = NULL;
    const char *issuer;
    size_t len = strlen(p->issuer);
    int status;

    buf_addf(&url, "%.*s/.well-known/openid-configuration",
             (int)(len > 0 && p->issuer[len - 1] == '/' ? len - 1 : len), p->issuer);
    f.url = url.data;
    status = fetch_json(&f, &document, err);
    buf_release(&url);
    if (status < 0)
        return status;
    issuer = json_string_value(json_object_get(document, "issuer"));
    if (issuer == NULL || strcmp(issuer, p->issuer) != 0) {
        json_decref(document);
        return err_set(err, ERR_INPUT,
                       "the provider %s calls itself by another name; --oidc must spell the issuer "
                       "as its discovery document does",
                       p->name);
    }
    *ret_document = document;
    return 0;
}

/* An address of the document; NULL and err. */
static const char *address(const struct oidc_provider *p, const json_t *document, const char *name,
                           struct err *err)
{
    const char *url = json_string_value(json_object_get(document, name));

    if (url == NULL || !fetch_may(url)) {
        err_set(err, ERR_INPUT, "the provider %s names no %s that can be asked", p->name, name);
        return NULL;
    }
    return url;
}

static void add_value(struct buf *out, const char *name, const char *value)
{
    if (out->len > 0)
        buf_add_char(out, '&');
    buf_addf(out, "%s=", name);
    fetch_escape(str_of(value), out);
}

int oidc_begin(const struct oidc_provider *p, const struct oidc_secrets *s, const char *callback,
               struct buf *out, struct err *err)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    struct buf query = {0}, challenge = {0};
    json_t *document = NULL;
    const char *url;
    int status = discover(p, &document, err);

    if (status < 0)
        return status;
    url = address(p, document, "authorization_endpoint", err);
    if (url != NULL) {
        SHA256((const unsigned char *)s->verifier, strlen(s->verifier), digest);
        base64url_encode((struct str){(const char *)digest, sizeof(digest)}, &challenge);
        add_value(&query, "response_type", "code");
        add_value(&query, "client_id", p->client_id);
        add_value(&query, "redirect_uri", callback);
        add_value(&query, "scope", "openid profile");
        add_value(&query, "state", s->state);
        add_value(&query, "nonce", s->nonce);
        add_value(&query, "code_challenge", challenge.data);
        add_value(&query, "code_challenge_method", "S256");
        buf_addf(out, "%s%c%s", url, strchr(url, '?') != NULL ? '&' : '?', query.data);
    }
    buf_release(&query);
    buf_release(&challenge);
    json_decref(document);
    return url != NULL ? 0 : ERR_INPUT;
}

/* ---- the code for a token ---- */

static bool lists(const json_t *list, const char *word)
{
    size_t i;

    for (i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text != NULL && strcmp(text, word) == 0)
            return true;
    }
    return false;
}

/* Basic unless the provider takes the secret in the form only (RFC 6749, 2.3.1: in Basic both are
 * escaped first). */
static bool wants_post(const json_t *document)
{
    const json_t *methods = json_object_get(document, "token_endpoint_auth_methods_supported");

    return lists(methods, "client_secret_post") && !lists(methods, "client_secret_basic");
}

static int redeem(const struct oidc_provider *p, const json_t *document, const char *form,
                  json_t **ret_answer, struct err *err)
{
    const char *url = address(p, document, "token_endpoint", err);
    struct buf user = {0}, password = {0};
    struct fetch f = {.url = url, .form = form};
    int status;

    if (url == NULL)
        return ERR_INPUT;
    if (p->secret[0] != '\0' && !wants_post(document)) {
        fetch_escape(str_of(p->client_id), &user);
        fetch_escape(str_of(p->secret), &password);
        f.user = user.data;
        f.password = password.data;
    }
    status = fetch_json(&f, ret_answer, err);
    if (password.data != NULL)
        secret_forget(password.data, password.len);
    buf_release(&user);
    buf_release(&password);
    return status;
}

static int fetch_token(const struct oidc_provider *p, const json_t *document,
                       const struct oidc_secrets *s, const char *callback, const char *code,
                       json_t **ret_answer, struct err *err)
{
    struct buf form = {0};
    int status;

    add_value(&form, "grant_type", "authorization_code");
    add_value(&form, "code", code);
    add_value(&form, "redirect_uri", callback);
    add_value(&form, "code_verifier", s->verifier);
    if (p->secret[0] == '\0' || wants_post(document))
        add_value(&form, "client_id", p->client_id);
    if (p->secret[0] != '\0' && wants_post(document))
        add_value(&form, "client_secret", p->secret);
    status = redeem(p, document, form.data, ret_answer, err);
    secret_forget(form.data, form.len);
    buf_release(&form);
    return status;
}

static int fetch_keys(const struct oidc_provider *p, const json_t *document, json_t **ret_jwks,
                      struct err *err)
{
    struct fetch f = {.url = address(p, document, "jwks_uri", err)};

    return f.url != NULL ? fetch_json(&f, ret_jwks, err) : ERR_INPUT;
}

/* ---- who it is ---- */

/* A name like this text that one may have here; false if nothing of it can be used. */
static bool likely_name(const char *text, char into[PERSON_NAME_MAX + 1])
{
    size_t len = 0;

    for (; *text != '\0' && *text != '@' && len < PERSON_NAME_MAX; text++) {
        char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter)
            into[len++] = c;
        else if (len > 0 && into[len - 1] != '-' && (c == ' ' || strchr("._-", c) != NULL))
            into[len++] = c == ' ' ? '-' : c;
    }
    while (len > 0 && strchr("._-", into[len - 1]) != NULL)
        len--;
    into[len] = '\0';
    return person_name_problem((struct str){into, len}) == NULL;
}

static void fill_in(const struct oidc_provider *p, const json_t *claims, struct oidc_identity *ret)
{
    static const char *const sources[] = {"preferred_username", "nickname", "email", "name"};
    const char *full_name = json_string_value(json_object_get(claims, "name"));
    bool named = false;
    size_t i;

    *ret = (struct oidc_identity){{0}, {0}, {0}, {0}};
    strncat(ret->issuer, p->issuer, IDENTITY_TEXT_MAX);
    strncat(ret->subject, json_string_value(json_object_get(claims, "sub")), IDENTITY_TEXT_MAX);
    for (i = 0; !named && i < sizeof(sources) / sizeof(sources[0]); i++) {
        const char *text = json_string_value(json_object_get(claims, sources[i]));
        named = text != NULL && likely_name(text, ret->name);
    }
    if (!named)
        memcpy(ret->name, "learner", sizeof("learner"));
    if (full_name != NULL && full_name_problem(str_of(full_name)) == NULL)
        strncat(ret->full_name, full_name, FULL_NAME_MAX);
}

int oidc_finish(const struct oidc_provider *p, const struct oidc_secrets *s, const char *callback,
                const char *code, int64_t now_s, struct oidc_identity *ret_identity,
                struct err *err)
{
    const struct jwt_wanted wanted = {p->issuer, p->client_id, s->nonce, now_s};
    json_t *document = NULL, *answer = NULL, *jwks = NULL, *claims = NULL;
    const char *token = NULL;
    int status;

    if (code[0] == '\0' || strlen(code) > OIDC_CODE_MAX)
        return err_set(err, ERR_INPUT, "the provider %s sent back no code", p->name);
    status = discover(p, &document, err);
    if (status == 0)
        status = fetch_token(p, document, s, callback, code, &answer, err);
    if (status == 0) {
        token = json_string_value(json_object_get(answer, "id_token"));
        if (token == NULL)
            status = err_set(err, ERR_INPUT, "the provider %s gave no ID token", p->name);
    }
    if (status == 0)
        status = fetch_keys(p, document, &jwks, err);
    if (status == 0)
        status = jwt_check(str_of(token), jwks, &wanted, &claims, err);
    if (status == 0)
        fill_in(p, claims, ret_identity);
    json_decref(document);
    json_decref(answer);
    json_decref(jwks);
    json_decref(claims);
    return status;
}

/* TLS on sockets of a task, and certificates to go with it. OpenSSL keeps the rules; bytes go in
 * and out through memory, and tls.lua carries them.
 *
 * A run must be the same again, and a handshake is full of chance: while OpenSSL works for us all
 * of it is drawn from the run's stream "tls" (RAND_METHOD is old but is asked first). Time is the
 * world's: certificates are looked at as of the nodes' wall clock, which starts at
 * CAGE_WALL_START_S. */
#define OPENSSL_API_COMPAT 10100 /* RAND_set_rand_method is deprecated since 3.0 */

#include "script_parts.h"

#include "../base/mem.h"
#include "../base/prng.h"
#include "../cage/cage.h"
#include "../sim/world.h"

#include <lauxlib.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#define TLS_TYPE "tls"

enum { SECOND_NS = 1000000000, PIECE = 16 << 10, ALPN_MAX = 255 };

struct tls {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* the ssl's */
    unsigned char alpn[ALPN_MAX];
    unsigned alpn_len;
};

/* ---- chance ---- */

static struct prng *chance; /* of the script at work inside OpenSSL; NULL: nobody */

static int draw(unsigned char *into, int len)
{
    if (chance == NULL)
        return 0;
    prng_fill(chance, into, (uint64_t)len);
    return 1;
}

static int is_seeded(void)
{
    return 1;
}

static const RAND_METHOD drawn = {.bytes = draw, .pseudorand = draw, .status = is_seeded};

static void begin_chance(lua_State *lua)
{
    struct script *s = script_of(lua);

    chance = world_prng(s->world, "tls");
    RAND_set_rand_method(&drawn);
}

static void end_chance(void)
{
    RAND_set_rand_method(NULL);
    chance = NULL;
}

static const char *reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code == 0 ? NULL : ERR_reason_error_string(code);

    ERR_clear_error();
    return text == NULL ? "it failed" : text;
}

static time_t world_time(lua_State *lua)
{
    return (time_t)(CAGE_WALL_START_S + world_now(script_of(lua)->world) / SECOND_NS);
}

/* ---- keys and certificates ---- */

static BIO *text_bio(lua_State *lua, int arg)
{
    size_t len;
    const char *text = luaL_checklstring(lua, arg, &len);

    return BIO_new_mem_buf(text, (int)len);
}

static EVP_PKEY *key_arg(lua_State *lua, int arg)
{
    BIO *bio = text_bio(lua, arg);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    BIO_free(bio);
    luaL_argcheck(lua, key != NULL, arg, "no private key in PEM");
    return key;
}

static X509 *certificate_arg(lua_State *lua, int arg)
{
    BIO *bio = text_bio(lua, arg);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    luaL_argcheck(lua, x != NULL, arg, "no certificate in PEM");
    return x;
}

static void push_bio(lua_State *lua, BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);

    lua_pushlstring(lua, data, (size_t)len);
    BIO_free(bio);
}

/* sys.tls_key() -> a new private key (P-256) in PEM */
static int sys_tls_key(lua_State *lua)
{
    BIO *bio = BIO_new(BIO_s_mem());
    EVP_PKEY *key;

    begin_chance(lua);
    key = EVP_EC_gen("P-256");
    end_chance();
    if (key == NULL)
        return luaL_error(lua, "no key can be made: %s", reason());
    PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    EVP_PKEY_free(key);
    push_bio(lua, bio);
    return 1;
}

static const char *text_field(lua_State *lua, int arg, const char *field)
{
    const char *text = NULL;

    if (lua_getfield(lua, arg, field) != LUA_TNIL)
        text = luaL_checkstring(lua, -1);
    lua_pop(lua, 1); /* the table keeps it */
    return text;
}

static void extend(X509 *x, int kind, const char *value)
{
    X509_EXTENSION *e = value == NULL ? NULL : X509V3_EXT_conf_nid(NULL, NULL, kind, value);

    if (e != NULL)
        X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
}

/* Fills x from the table at 1: { subject =, names = "DNS:a,IP:127.0.0.1", usage =, ca =, serial =,
 * from_s =, to_s = }. */
static void describe(lua_State *lua, X509 *x, EVP_PKEY *key)
{
    const char *subject = text_field(lua, 1, "subject");
    bool is_authority = sys_number_field(lua, 1, "ca", 0) != 0;

    X509_set_version(x, 2);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(x), sys_number_field(lua, 1, "serial", 1));
    X509_time_adj_ex(X509_getm_notBefore(x), 0, (long)sys_number_field(lua, 1, "from_s", 0),
                     &(time_t){CAGE_WALL_START_S});
    X509_time_adj_ex(X509_getm_notAfter(x), 0, (long)sys_number_field(lua, 1, "to_s", 0),
                     &(time_t){CAGE_WALL_START_S});
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                               (const unsigned char *)(subject == NULL ? "" : subject), -1, -1, 0);
    X509_set_pubkey(x, key);
    extend(x, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(x, NID_key_usage, is_authority ? "critical,keyCertSign,cRLSign" : "digitalSignature");
    extend(x, NID_ext_key_usage, text_field(lua, 1, "usage"));
    extend(x, NID_subject_alt_name, text_field(lua, 1, "names"));
}

/* sys.tls_certificate(description, key, issuer's certificate or nil: itself, issuer's key) -> PEM
 */
static int sys_tls_certificate(lua_State *lua)
{
    EVP_PKEY *key = key_arg(lua, 2);
    bool is_own = lua_isnoneornil(lua, 3);
    X509 *issuer = is_own ? NULL : certificate_arg(lua, 3);
    EVP_PKEY *issuer_key = is_own ? NULL : key_arg(lua, 4);
    X509 *x = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    bool fine;

    describe(lua, x, key);
    X509_set_issuer_name(x, X509_get_subject_name(is_own ? x : issuer));
    begin_chance(lua);
    fine = X509_sign(x, is_own ? key : issuer_key, EVP_sha256()) > 0;
    end_chance();
    PEM_write_bio_X509(bio, x);
    X509_free(x);
    X509_free(issuer);
    EVP_PKEY_free(key);
    EVP_PKEY_free(issuer_key);
    push_bio(lua, bio);
    return fine ? 1 : luaL_error(lua, "the certificate cannot be signed: %s", reason());
}

/* ---- connections ---- */

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *in, unsigned in_len, void *owner)
{
    const struct tls *t = owner;

    (void)ssl;
    return SSL_select_next_proto((unsigned char **)(uintptr_t)out, out_len, t->alpn, t->alpn_len,
                                 in, in_len) == OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_NOACK;
}

static void set_identity(lua_State *lua, struct tls *t)
{
    if (lua_getfield(lua, 1, "cert") != LUA_TNIL) {
        X509 *x = certificate_arg(lua, -1);
        EVP_PKEY *key;
        lua_getfield(lua, 1, "key");
        key = key_arg(lua, -1);
        SSL_CTX_use_certificate(t->context, x);
        SSL_CTX_use_PrivateKey(t->context, key);
        X509_free(x);
        EVP_PKEY_free(key);
        lua_pop(lua, 1);
    }
    lua_pop(lua, 1);
}

/* Whom the other side must be: signed by the authority, bearing the name. */
static void set_trust(lua_State *lua, struct tls *t, bool is_server)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
    const char *name = text_field(lua, 1, "name");

    if (lua_getfield(lua, 1, "ca") != LUA_TNIL) {
        X509 *ca = certificate_arg(lua, -1);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(t->context), ca);
        X509_free(ca);
        SSL_set_verify(t->ssl, SSL_VERIFY_PEER | (is_server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                       NULL);
        X509_VERIFY_PARAM_set_time(param, world_time(lua));
        if (name != NULL)
            X509_VERIFY_PARAM_set1_host(param, name, 0);
    }
    lua_pop(lua, 1);
    if (name != NULL && !is_server)
        SSL_set_tlsext_host_name(t->ssl, name);
}

/* As TLS wants it: each name behind its length. */
static void set_protocols(lua_State *lua, struct tls *t, bool is_server)
{
    lua_Integer i;

    if (lua_getfield(lua, 1, "alpn") != LUA_TNIL) {
        for (i = 1; lua_rawgeti(lua, -1, i) == LUA_TSTRING; i++) {
            size_t len;
            const char *name = lua_tolstring(lua, -1, &len);
            luaL_argcheck(lua, len < 64 && t->alpn_len + len + 1 <= ALPN_MAX, 1,
                          "too many protocols");
            t->alpn[t->alpn_len++] = (unsigned char)len;
            memcpy(t->alpn + t->alpn_len, name, len);
            t->alpn_len += (unsigned)len;
            lua_pop(lua, 1);
        }
        lua_pop(lua, 1);
        if (is_server)
            SSL_CTX_set_alpn_select_cb(t->context, choose_protocol, t);
        else
            SSL_set_alpn_protos(t->ssl, t->alpn, t->alpn_len);
    }
    lua_pop(lua, 1);
}

/* sys.tls_open{ server =, cert =, key =, ca =, name =, alpn = {}, max = "1.2" } -> a session */
static int sys_tls_open(lua_State *lua)
{
    struct tls *t;
    const char *max;
    bool is_server;

    luaL_checktype(lua, 1, LUA_TTABLE);
    lua_getfield(lua, 1, "server");
    is_server = lua_toboolean(lua, -1);
    lua_pop(lua, 1);
    max = text_field(lua, 1, "max");
    t = lua_newuserdatauv(lua, sizeof(*t), 0);
    *t = (struct tls){0};
    luaL_setmetatable(lua, TLS_TYPE);
    begin_chance(lua);
    t->context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    SSL_CTX_set_session_cache_mode(t->context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(t->context, 0);
    if (max != NULL && strcmp(max, "1.2") == 0)
        SSL_CTX_set_max_proto_version(t->context, TLS1_2_VERSION);
    set_identity(lua, t);
    t->ssl = SSL_new(t->context);
    end_chance();
    set_trust(lua, t, is_server);
    set_protocols(lua, t, is_server);
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    SSL_set_bio(t->ssl, t->in, t->out);
    if (is_server)
        SSL_set_accept_state(t->ssl);
    else
        SSL_set_connect_state(t->ssl);
    return 1;
}

static struct tls *tls_arg(lua_State *lua)
{
    return luaL_checkudata(lua, 1, TLS_TYPE);
}

static int tls_collect(lua_State *lua)
{
    struct tls *t = tls_arg(lua);

    SSL_free(t->ssl);
    SSL_CTX_free(t->context);
    t->ssl = NULL;
    t->context = NULL;
    return 0;
}

static const char *state_of(const struct tls *t, int error)
{
    if (error == SSL_ERROR_ZERO_RETURN)
        return "closed";
    if (error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL)
        return "failed";
    return SSL_is_init_finished(t->ssl) ? "open" : "handshake";
}

/* sys.tls_feed(t, bytes) -> plain bytes, state ("handshake", "open", "closed", "failed"), why it
 * failed */
static int sys_tls_feed(lua_State *lua)
{
    struct tls *t = tls_arg(lua);
    struct buf plain = {0};
    struct str bytes;
    char piece[PIECE];
    int error;
    int got;

    bytes.data = luaL_checklstring(lua, 2, &bytes.len);
    if (bytes.len > 0)
        BIO_write(t->in, bytes.data, (int)bytes.len);
    ERR_clear_error();
    begin_chance(lua);
    while ((got = SSL_read(t->ssl, piece, sizeof(piece))) > 0)
        buf_add(&plain, piece, (size_t)got);
    error = SSL_get_error(t->ssl, got);
    end_chance();
    lua_pushlstring(lua, plain.data != NULL ? plain.data : "", plain.len);
    buf_release(&plain);
    lua_pushstring(lua, state_of(t, error));
    if (error != SSL_ERROR_SSL && error != SSL_ERROR_SYSCALL)
        return 2;
    lua_pushstring(lua, SSL_get_verify_result(t->ssl) != X509_V_OK
                            ? X509_verify_cert_error_string(SSL_get_verify_result(t->ssl))
                            : reason());
    ERR_clear_error();
    return 3;
}

/* sys.tls_take(t) -> bytes for the other side */
static int sys_tls_take(lua_State *lua)
{
    struct tls *t = tls_arg(lua);
    char *data;
    long len = BIO_get_mem_data(t->out, &data);

    lua_pushlstring(lua, data, (size_t)len);
    (void)BIO_reset(t->out);
    return 1;
}

/* sys.tls_write(t, plain bytes) */
static int sys_tls_write(lua_State *lua)
{
    struct tls *t = tls_arg(lua);
    struct str bytes;

    bytes.data = luaL_checklstring(lua, 2, &bytes.len);
    begin_chance(lua);
    if (bytes.len > 0)
        SSL_write(t->ssl, bytes.data, (int)bytes.len);
    end_chance();
    return 0;
}

/* sys.tls_close(t): says goodbye (close_notify) */
static int sys_tls_close(lua_State *lua)
{
    SSL_shutdown(tls_arg(lua)->ssl);
    ERR_clear_error();
    return 0;
}

/* sys.tls_info(t) -> version, protocol agreed on or nil, the other side's certificate in PEM or nil
 */
static int sys_tls_info(lua_State *lua)
{
    const struct tls *t = tls_arg(lua);
    X509 *peer = SSL_get1_peer_certificate(t->ssl);
    const unsigned char *protocol;
    unsigned len;

    lua_pushstring(lua, SSL_get_version(t->ssl));
    SSL_get0_alpn_selected(t->ssl, &protocol, &len);
    if (len > 0)
        lua_pushlstring(lua, (const char *)protocol, len);
    else
        lua_pushnil(lua);
    if (peer == NULL) {
        lua_pushnil(lua);
    } else {
        BIO *bio = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(bio, peer);
        push_bio(lua, bio);
        X509_free(peer);
    }
    return 3;
}

void tls_open(lua_State *lua)
{
    static const luaL_Reg functions[] = {
        {"tls_key", sys_tls_key},
        {"tls_certificate", sys_tls_certificate},
        {"tls_open", sys_tls_open},
        {"tls_feed", sys_tls_feed},
        {"tls_take", sys_tls_take},
        {"tls_write", sys_tls_write},
        {"tls_close", sys_tls_close},
        {"tls_info", sys_tls_info},
        {NULL, NULL},
    };

    luaL_newmetatable(lua, TLS_TYPE);
    lua_pushcfunction(lua, tls_collect);
    lua_setfield(lua, -2, "__gc");
    lua_pop(lua, 1);
    luaL_setfuncs(lua, functions, 0);
}

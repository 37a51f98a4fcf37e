#include "accounts.h"

#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../store/store.h"
#include "flow.h"
#include "oidc.h"
#include "password.h"
#include "secret.h"

#include <string.h>
#include <time.h>

static int64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t accounts_now(const struct accounts *a)
{
    return a->now_ms();
}

int accounts_refuse(struct err *err, const char *why)
{
    err_set(err, ERR_INPUT, "%s", why);
    return 0;
}

int accounts_settle(struct accounts *a, int status, struct err *err)
{
    if (status == 1) {
        status = store_commit(a->store, err);
        if (status == 0)
            return 1;
    }
    store_rollback(a->store);
    return status;
}

/* https://HOST or http://HOST, each with or without a port, and nothing behind it but one "/". */
static int read_url(struct accounts *a, const char *url, struct err *err)
{
    const char *host = strncmp(url, "https://", 8) == 0  ? url + 8
                       : strncmp(url, "http://", 7) == 0 ? url + 7
                                                         : "";
    size_t len = strlen(host);

    if (len > 0 && host[len - 1] == '/')
        len--;
    if (len == 0 || len > 250 ||
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]") < len)
        return err_set(err, ERR_INPUT,
                       "--url is the address that people type, such as https://eddy.example.org, "
                       "not \"%s\"",
                       url);
    a->url = mem_strndup(url, (size_t)(host - url) + len);
    a->secure = url[4] == 's';
    return 0;
}

/* The hash of a password that nobody knows. */
static int make_decoy(struct accounts *a, struct err *err)
{
    char token[SECRET_TEXT_SIZE], hash[PASSWORD_HASH_SIZE];
    int status;

    secret_new(token);
    status = password_hash(str_of(token), hash, err);
    secret_forget(token, sizeof(token));
    if (status == 0)
        a->decoy = mem_strdup(hash);
    return status;
}

int accounts_open(const struct accounts_config *config, struct accounts **ret_accounts,
                  struct err *err)
{
    struct accounts *a = mem_zalloc(sizeof(*a));
    int status;

    a->store = config->store;
    a->now_ms = wall_ms;
    a->open_sign_up = config->open_sign_up;
    a->flows = flows_new();
    if (config->url != NULL)
        status = read_url(a, config->url, err);
    else
        status = (a->url = mem_strdup(""), 0);
    if (status == 0)
        status = make_decoy(a, err);
    if (status < 0)
        accounts_close(a);
    else
        *ret_accounts = a;
    return status;
}

void accounts_close(struct accounts *a)
{
    uint32_t i;

    if (a == NULL)
        return;
    for (i = 0; i < a->provider_count; i++)
        oidc_provider_free(a->providers[i]);
    mem_free(a->providers);
    flows_free(a->flows);
    mem_free(a->url);
    mem_free(a->decoy);
    mem_free(a);
}

const struct oidc_provider *accounts_provider(const struct accounts *a, const char *name,
                                              size_t len)
{
    uint32_t i;

    for (i = 0; i < a->provider_count; i++)
        if (str_is((struct str){name, len}, a->providers[i]->name))
            return a->providers[i];
    return NULL;
}

int accounts_add_provider(struct accounts *a, const char *text, struct err *err)
{
    struct oidc_provider *p = NULL;
    int status;

    if (a->url[0] == '\0')
        return err_set(err, ERR_INPUT,
                       "--oidc needs --url: a provider sends people back to an address that it "
                       "was told");
    status = oidc_provider_read(text, &p, err);
    if (status == 0 && accounts_provider(a, p->name, strlen(p->name)) != NULL) {
        status = err_set(err, ERR_INPUT, "there are two providers of the name %s", p->name);
        oidc_provider_free(p);
    }
    if (status < 0)
        return status;
    a->providers = mem_grow(a->providers, &a->provider_cap, a->provider_count + 1,
                            sizeof(struct oidc_provider *));
    a->providers[a->provider_count++] = p;
    return 0;
}

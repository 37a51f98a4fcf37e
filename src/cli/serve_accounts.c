#include "serve_accounts.h"

#include "../accounts/accounts.h"
#include "../accounts/classes.h"
#include "../accounts/link.h"
#include "../accounts/people.h"
#include "../accounts/session.h"
#include "../accounts/throttle.h"
#include "../base/err.h"
#include "../base/mem.h"
#include "../base/str.h"
#include "../web/api_account.h"
#include "../web/forwarded.h"
#include "../web/site.h"

#include <string.h>

#define DAY_MS 86400000LL

int serve_accounts_check(struct serve_accounts *o, struct err *err)
{
    if (!o->on && (o->url != NULL || o->sign_up != NULL || o->proxy != NULL || o->oidc_count > 0))
        return err_set(err, ERR_INPUT,
                       "--url, --sign-up, --oidc and --proxy are for a server with --accounts");
    if (o->sign_up != NULL && strcmp(o->sign_up, "open") != 0 &&
        strcmp(o->sign_up, "invitation") != 0)
        return err_set(err, ERR_INPUT, "--sign-up is open or invitation, not \"%s\"", o->sign_up);
    if (o->proxy != NULL && o->url == NULL)
        return err_set(err, ERR_INPUT,
                       "--proxy needs --url: the address that people type to reach the proxy");
    if (o->proxy != NULL && !address_plain(o->proxy, o->proxy_address, sizeof(o->proxy_address)))
        return err_set(err, ERR_INPUT,
                       "--proxy is the address that the proxy asks from, such as 127.0.0.1, not "
                       "\"%s\"",
                       o->proxy);
    return 0;
}

/* While there is no admin who can sign in, each start makes a new link and ends the ones before:
 * those may have been lost. Number -1 marks them, which is nobody's. */
static int first_admin(struct accounts *a, char **ret_link, struct err *err)
{
    const struct link_spec spec = {
        .kind = LINK_SIGN_UP, .role = ROLE_ADMIN, .person = -1, .uses = 1, .lasts_ms = DAY_MS};
    char token[SECRET_TEXT_SIZE];
    struct buf path = {0};
    int64_t count = 0;
    int status = people_count_admins(a, &count, err);

    if (status >= 0)
        status = link_end_of(a, LINK_SIGN_UP, -1, err);
    if (status < 0 || count > 0)
        return status < 0 ? status : 0;
    status = link_new(a, &spec, token, err);
    if (status < 0)
        return status;
    buf_addf(&path, "/sign-up?invitation=%s", token);
    *ret_link = buf_take(&path);
    return 0;
}

int serve_accounts_open(const struct serve_accounts *o, struct store *store, struct site *site,
                        char **ret_link, struct err *err)
{
    const struct accounts_config config = {
        .store = store,
        .url = o->url,
        .open_sign_up = o->sign_up != NULL && strcmp(o->sign_up, "open") == 0,
    };
    unsigned i;
    int status;

    site->throttle = throttle_new();
    if (!o->on)
        return 0;
    status = accounts_open(&config, &site->accounts, err);
    for (i = 0; status >= 0 && i < o->oidc_count; i++)
        status = accounts_add_provider(site->accounts, o->oidc[i], err);
    if (status >= 0)
        status = session_sweep(site->accounts, err);
    if (status >= 0)
        status = link_sweep(site->accounts, err);
    if (status >= 0)
        status = first_admin(site->accounts, ret_link, err);
    site->person_of = account_of_session;
    site->teaches = class_teaches;
    return status < 0 ? status : 0;
}

void serve_accounts_close(struct site *site)
{
    if (site == NULL)
        return;
    accounts_close(site->accounts);
    throttle_free(site->throttle);
    site->accounts = NULL;
    site->throttle = NULL;
}

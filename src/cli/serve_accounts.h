/* serve_accounts.h - the options of eddy serve that make it a server for many: --accounts and what
 * belongs to it. */
#ifndef CLI_SERVE_ACCOUNTS_H
#define CLI_SERVE_ACCOUNTS_H

#include <netinet/in.h>
#include <stdbool.h>

struct accounts;
struct err;
struct site;
struct store;

enum { SERVE_OIDC_MAX = 16 };

struct serve_accounts {
    bool on;
    const char *url, *sign_up, *proxy; /* as given; NULL: not given */
    const char *oidc[SERVE_OIDC_MAX];
    unsigned oidc_count;
    char proxy_address[INET6_ADDRSTRLEN]; /* proxy in its one spelling; "": none */
};

/* After all options are read. ERR_INPUT: one makes no sense, or not without another. */
int serve_accounts_check(struct serve_accounts *o, struct err *err);
/* Gives site its accounts, if they are on; they use store, which is the server's. *ret_link is the
 * path by which the first admin signs up, the caller's, or NULL if there is an admin. */
int serve_accounts_open(const struct serve_accounts *o, struct store *store, struct site *site,
                        char **ret_link, struct err *err);
void serve_accounts_close(struct site *site); /* fine if there are none */

#endif

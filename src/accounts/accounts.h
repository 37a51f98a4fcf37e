/* accounts.h - what all parts of this room share: the database, the clock, and how the server was
 * told to treat newcomers.
 *
 * Functions of people.h, session.h, link.h, classes.h, assignments.h and grades.h answer alike:
 * 1: done, or there is one; 0: no, and where it says so, err has the reason as a sentence for who
 * asked; negative: the machine's fault (ERR_AWAY, ERR_MACHINE), a sentence for the log.
 * None of them asks who is asking and whether he may: that is the routes' and handlers' duty.
 * Not thread-safe; one thread, as the database. */
#ifndef ACCOUNTS_ACCOUNTS_H
#define ACCOUNTS_ACCOUNTS_H

#include "person.h"

#include <stdbool.h>
#include <stddef.h>

struct err;
struct flows;
struct oidc_provider;
struct store;
struct throttle;

struct accounts {
    struct store *store;     /* borrowed */
    int64_t (*now_ms)(void); /* since 1970; tests put their own clock here */
    bool open_sign_up;       /* false: only by an invitation */
    bool secure;             /* the address that people type begins with https: */
    char *url;               /* that address without a "/" at its end; "" if nobody told it */
    struct oidc_provider **providers; /* owned */
    uint32_t provider_count;
    size_t provider_cap;
    struct flows *flows; /* sign-ins at providers that are under way; owned */
    char *decoy;         /* the hash of a password that nobody knows; see people_credentials() */
};

struct accounts_config {
    struct store *store;
    const char *url; /* NULL: nobody told it; then there can be no providers */
    bool open_sign_up;
};

/* ERR_INPUT: url is no address of a server (https://HOST[:PORT], or http:// for this machine and
 * where a proxy is trusted to be near); ERR_MACHINE. */
int accounts_open(const struct accounts_config *config, struct accounts **ret_accounts,
                  struct err *err);
void accounts_close(struct accounts *a); /* NULL is fine */
/* One more provider, by "NAME=ISSUER,CLIENT_ID,SECRET-FILE"; before the server starts. ERR_INPUT.
 */
int accounts_add_provider(struct accounts *a, const char *text, struct err *err);
const struct oidc_provider *accounts_provider(const struct accounts *a, const char *name,
                                              size_t len); /* NULL: none of this name */
int64_t accounts_now(const struct accounts *a);

/* ---- for the parts of this room ---- */

/* 0, and err says why. */
int accounts_refuse(struct err *err, const char *why);
/* Ends a transaction: for good if the status is 1, else as if nothing had been. The status, or what
 * the end of it says. */
int accounts_settle(struct accounts *a, int status, struct err *err);

/* Of something that belongs to what was done: its failure, or 1 whatever it counted. */
static inline int accounts_also(int status)
{
    return status < 0 ? status : 1;
}

#endif

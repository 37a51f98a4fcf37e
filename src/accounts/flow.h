/* flow.h - sign-ins at providers that are under way: what we must remember between sending a
 * browser away and its coming back. In memory: a restart means to click again.
 *
 * Each is found by its state and only from the browser that began it (a token in a cookie), once,
 * within FLOW_MS. FLOWS_MAX at once; then the oldest makes room. Not thread-safe. */
#ifndef ACCOUNTS_FLOW_H
#define ACCOUNTS_FLOW_H

#include "oidc.h"

enum { FLOWS_MAX = 1000, FLOW_MS = 10 * 60000, FLOW_NEXT_MAX = 500 };

struct flow {
    struct oidc_secrets secrets;
    const struct oidc_provider *provider;
    char browser[SECRET_TEXT_SIZE];    /* the cookie's value */
    char invitation[SECRET_TEXT_SIZE]; /* "" if there is none */
    char next[FLOW_NEXT_MAX + 1];      /* where to go afterwards */
    int64_t person;                    /* who links his account; 0: nobody has signed in */
};

struct flows;

struct flows *flows_new(void);
void flows_free(struct flows *f); /* NULL is fine */
/* A copy is kept. */
void flows_add(struct flows *f, const struct flow *flow, int64_t now_ms);
/* True: it is the caller's now, and is not to be found again. */
bool flows_take(struct flows *f, struct str state, struct str browser, int64_t now_ms,
                struct flow *ret_flow);

#endif

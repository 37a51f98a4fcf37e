/* password.h - passwords, as argon2id keeps them.
 *
 * A hash is a text that says how it was made ($argon2id$v=19$m=...), so what it costs may rise
 * later: password_is_old() tells which were made more cheaply, and who signs in next gets a new
 * one. The work takes some 30 ms and 19 MiB, on purpose. These calls may come from any thread; no
 * more than PASSWORD_AT_ONCE work at once, the rest wait in line. */
#ifndef ACCOUNTS_PASSWORD_H
#define ACCOUNTS_PASSWORD_H

#include "../base/str.h"

enum {
    PASSWORD_MIN = 10,  /* letters, counted in bytes */
    PASSWORD_MAX = 200, /* likewise */
    PASSWORD_HASH_SIZE = 128,
    PASSWORD_AT_ONCE = 4,
};

struct err;

/* NULL, or a sentence on what is wrong with this as a new password. name: whose it is to be. */
const char *password_problem(struct str password, const char *name);
/* ERR_MACHINE. */
int password_hash(struct str password, char into[PASSWORD_HASH_SIZE], struct err *err);
/* hash "" fits no password, and costs no time; see people_credentials(). */
bool password_fits(struct str password, const char *hash);
bool password_is_old(const char *hash);

#endif

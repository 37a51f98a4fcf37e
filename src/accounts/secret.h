/* secret.h - random tokens, and how to keep and compare them.
 *
 * A token is 256 bits of chance as 43 letters of base64url. Whoever may have to recognise one keeps
 * its hash only, so that a copy of the database opens no door; SHA-256 is enough for that, because
 * nobody can guess 256 bits (passwords are another matter: password.h). */
#ifndef ACCOUNTS_SECRET_H
#define ACCOUNTS_SECRET_H

#include "../base/str.h"

enum { SECRET_BYTES = 32, SECRET_TEXT_SIZE = 44, SECRET_HASH_SIZE = 65 };

void secret_new(char into[SECRET_TEXT_SIZE]);
/* SHA-256 in 64 hexadecimal digits. Returns into. */
const char *secret_hash(struct str secret, char into[SECRET_HASH_SIZE]);
/* Takes the same time wherever the two differ; the lengths may show. */
bool secret_equal(struct str a, struct str b);
/* Overwrites what is no longer needed; the compiler may not leave it out. */
void secret_forget(void *data, size_t len);

#endif

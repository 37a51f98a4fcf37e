/* argon2id by libargon2, with the parameters that OWASP names as its first choice for a server
 * (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. They stand here and nowhere else.
 *
 * A server that hashes for everybody who asks can be made to use up its memory, so there is a
 * counter: at most PASSWORD_AT_ONCE hashes are in the making. Who may ask at all is throttle.h's
 * matter. */
#include "password.h"

#include "../base/err.h"
#include "secret.h"

#include <argon2.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

enum { MEMORY_KIB = 19456, PASSES = 2, LANES = 1, SALT_LEN = 16, HASH_LEN = 32 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_ended = PTHREAD_COND_INITIALIZER;
static unsigned at_work;

static void begin_work(void)
{
    pthread_mutex_lock(&lock);
    while (at_work >= PASSWORD_AT_ONCE)
        pthread_cond_wait(&one_ended, &lock);
    at_work++;
    pthread_mutex_unlock(&lock);
}

static void end_work(void)
{
    pthread_mutex_lock(&lock);
    at_work--;
    pthread_cond_signal(&one_ended);
    pthread_mutex_unlock(&lock);
}

static unsigned count_kinds(struct str text)
{
    bool seen[256] = {false};
    unsigned kinds = 0;
    size_t i;

    for (i = 0; i < text.len; i++) {
        kinds += !seen[(unsigned char)text.data[i]];
        seen[(unsigned char)text.data[i]] = true;
    }
    return kinds;
}

/* Length is what counts; of rules about digits and capitals people have learned to write
 * "Password1!". What is refused are the few that everybody tries first. */
const char *password_problem(struct str password, const char *name)
{
    static const char *const first[] = {"1234567890",  "0123456789",       "password12",
                                        "password123", "passwordpassword", "qwertyuiop",
                                        "1q2w3e4r5t"};
    size_t i;

    if (password.len < PASSWORD_MIN)
        return "A password needs 10 letters or more; a few words in a row are easy to remember.";
    if (password.len > PASSWORD_MAX)
        return "This password is too long; 200 letters are the most.";
    if (memchr(password.data, '\0', password.len) != NULL)
        return "This password has a sign in it that cannot be typed.";
    if (count_kinds(password) < 5)
        return "This password has too few different letters.";
    for (i = 0; i < sizeof(first) / sizeof(first[0]); i++)
        if (password.len == strlen(first[i]) &&
            strncasecmp(password.data, first[i], password.len) == 0)
            return "This password is one of those that everybody tries first.";
    if (name[0] != '\0' && password.len == strlen(name) &&
        strncasecmp(password.data, name, password.len) == 0)
        return "The password must not be the name.";
    return NULL;
}

int password_hash(struct str password, char into[PASSWORD_HASH_SIZE], struct err *err)
{
    unsigned char salt[SALT_LEN];
    char text[PASSWORD_HASH_SIZE];
    int code;

    if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
        return err_set_errno(err, ERR_MACHINE, "no random number to be had");
    begin_work();
    code = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.data, password.len, salt,
                                 sizeof(salt), HASH_LEN, text, sizeof(text));
    end_work();
    if (code != ARGON2_OK)
        return err_set(err, ERR_MACHINE, "a password could not be hashed: %s",
                       argon2_error_message(code));
    memcpy(into, text, sizeof(text));
    return 0;
}

bool password_fits(struct str password, const char *hash)
{
    bool fits;

    if (strncmp(hash, "$argon2id$", 10) != 0 || password.len > PASSWORD_MAX)
        return false;
    begin_work();
    fits = argon2id_verify(hash, password.data, password.len) == ARGON2_OK;
    end_work();
    return fits;
}

bool password_is_old(const char *hash)
{
    char now[64];

    snprintf(now, sizeof(now), "$argon2id$v=%d$m=%d,t=%d,p=%d$", ARGON2_VERSION_NUMBER, MEMORY_KIB,
             PASSES, LANES);
    return strncmp(hash, now, strlen(now)) != 0;
}

#include "password.h"

#include "../base/err.h"
#include "../base/test.h"

#include <argon2.h>
#include <pthread.h>

TEST(a_hash_fits_its_password_and_no_other)
{
    struct err err = {.text = ""};
    char a[PASSWORD_HASH_SIZE], b[PASSWORD_HASH_SIZE];

    CHECK_INT(password_hash(STR_LIT("correct horse"), a, &err), 0);
    CHECK_INT(password_hash(STR_LIT("correct horse"), b, &err), 0);
    CHECK(strcmp(a, b) != 0); /* each has a salt of its own */
    CHECK(password_fits(STR_LIT("correct horse"), a));
    CHECK(password_fits(STR_LIT("correct horse"), b));
    CHECK(!password_fits(STR_LIT("correct horsf"), a));
    CHECK(!password_fits(STR_LIT("correct hors"), a));
    CHECK(!password_fits(STR_LIT(""), a));
    CHECK(strstr(a, "correct") == NULL);
}

TEST(nothing_fits_a_hash_that_is_none)
{
    CHECK(!password_fits(STR_LIT(""), ""));
    CHECK(!password_fits(STR_LIT("x"), "x"));
    CHECK(!password_fits(STR_LIT("x"), "$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST(the_cost_is_owasps_and_a_cheaper_hash_is_old)
{
    struct err err = {.text = ""};
    char text[PASSWORD_HASH_SIZE];

    CHECK_INT(password_hash(STR_LIT("correct horse"), text, &err), 0);
    CHECK(strncmp(text, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
    CHECK(!password_is_old(text));
    CHECK_INT(argon2id_hash_encoded(1, 8192, 1, "correct horse", 13, "saltsaltsalt", 12, 32, text,
                                    sizeof(text)),
              ARGON2_OK);
    CHECK(password_fits(STR_LIT("correct horse"), text)); /* it still opens */
    CHECK(password_is_old(text));
}

TEST(weak_passwords_are_refused_with_a_reason)
{
    struct buf long_one = {0};
    int i;

    CHECK_HAS(password_problem(STR_LIT("short"), "ada"), "10 letters");
    CHECK_HAS(password_problem(STR_LIT("aaaaaaaaaaaa"), "ada"), "different");
    CHECK_HAS(password_problem(STR_LIT("Password123"), "ada"), "first");
    CHECK_HAS(password_problem(STR_LIT("Ada.Lovelace"), "ada.lovelace"), "name");
    CHECK_HAS(password_problem((struct str){"correct\0horse", 13}, "ada"), "typed");
    for (i = 0; i <= PASSWORD_MAX; i++)
        buf_add_char(&long_one, (char)('a' + i % 20));
    CHECK_HAS(password_problem(buf_str(&long_one), "ada"), "too long");
    long_one.len--;
    CHECK(password_problem(buf_str(&long_one), "ada") == NULL);
    CHECK(password_problem(STR_LIT("correct horse"), "ada") == NULL);
    buf_release(&long_one);
}

static void *hash_one(void *fits)
{
    struct err err = {.text = ""};
    char text[PASSWORD_HASH_SIZE];

    *(bool *)fits = password_hash(STR_LIT("correct horse"), text, &err) == 0 &&
                    password_fits(STR_LIT("correct horse"), text);
    return NULL;
}

TEST(more_threads_than_may_work_at_once_all_come_through)
{
    enum { THREADS = PASSWORD_AT_ONCE + 3 };
    pthread_t threads[THREADS];
    bool fits[THREADS] = {false};
    int i;

    for (i = 0; i < THREADS; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, hash_one, &fits[i]), 0);
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(fits[i]);
    }
}

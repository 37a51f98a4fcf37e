#include "versions.h"

#include "../base/prng.h"
#include "../base/test.h"

static void check_value(const struct versions *v, uint64_t state, const char *key,
                        const char *wanted)
{
    struct str got = versions_get(v, state, str_of(key));

    CHECK(wanted == NULL ? got.data == NULL : str_is(got, wanted));
}

TEST(each_state_within_reach_shows_what_was_true_then)
{
    struct versions *v = versions_new(3);

    CHECK_INT(versions_newest(v), 0);
    check_value(v, 0, "x", NULL);
    versions_put(v, STR_LIT("x"), STR_LIT("a"));
    versions_put(v, STR_LIT("y"), STR_LIT("b"));
    CHECK_INT(versions_oldest(v), 0);
    check_value(v, 0, "x", NULL);
    check_value(v, 1, "x", "a");
    check_value(v, 1, "y", NULL);
    check_value(v, 2, "y", "b");
    versions_put(v, STR_LIT("x"), STR_LIT("c"));
    CHECK_INT(versions_oldest(v), 1);
    CHECK_INT(versions_newest(v), 3);
    check_value(v, 1, "x", "a");
    check_value(v, 2, "x", "a");
    check_value(v, 3, "x", "c");
    check_value(v, 3, "y", "b");
    versions_free(v);
}

/* Goal: old versions are forgotten, whichever key they belong to.
 * Method: with one byte a value, bytes held cannot exceed one per key and one per state kept. */
TEST(what_no_state_shows_is_forgotten)
{
    struct versions *v = versions_new(4);
    struct prng p;
    int i;

    prng_init(&p, 1, "test");
    for (i = 0; i < 1000; i++) {
        char key[2] = {(char)('a' + prng_below(&p, 5)), '\0'};

        versions_put(v, str_of(key), STR_LIT("v"));
        CHECK(versions_bytes(v) <= 5 + 5 + 3);
    }
    for (i = 0; i < 10; i++)
        versions_put(v, STR_LIT("a"), STR_LIT("v"));
    CHECK_INT(versions_bytes(v), 5 + 4 + 4); /* keys, the others' values, four of a's */
    versions_free(v);
}

TEST(keeping_one_state_keeps_one_value_a_key)
{
    struct versions *v = versions_new(1);
    int i;

    for (i = 0; i < 100; i++)
        versions_put(v, i % 2 ? STR_LIT("x") : STR_LIT("y"), STR_LIT("1234"));
    CHECK_INT(versions_bytes(v), 2 + 8);
    CHECK_INT(versions_oldest(v), versions_newest(v));
    versions_free(v);
}

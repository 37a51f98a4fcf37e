#include "replicas.h"

#include "../base/test.h"

static void check_value(const struct replicas *r, uint32_t replica, const char *key,
                        const char *wanted)
{
    struct str got = replicas_get(r, replica, str_of(key));

    CHECK(wanted == NULL ? got.data == NULL : str_is(got, wanted));
}

TEST(a_write_is_seen_elsewhere_after_a_merge)
{
    struct replicas *r = replicas_new();

    replicas_put(r, 0, STR_LIT("x"), STR_LIT("a"));
    check_value(r, 0, "x", "a");
    check_value(r, 1, "x", NULL);
    replicas_merge(r, 0, 1); /* the wrong way round: nothing to learn */
    check_value(r, 0, "x", "a");
    check_value(r, 1, "x", NULL);
    replicas_merge(r, 1, 0);
    check_value(r, 1, "x", "a");
    replicas_free(r);
}

/* Replica 0 has written three times, so its clock is ahead of replica 1, which writes last. */
TEST(the_last_write_by_the_clocks_wins_not_the_last_in_time)
{
    struct replicas *r = replicas_new();

    replicas_put(r, 0, STR_LIT("x"), STR_LIT("a"));
    replicas_put(r, 0, STR_LIT("x"), STR_LIT("b"));
    replicas_put(r, 1, STR_LIT("x"), STR_LIT("later"));
    replicas_merge(r, 1, 0);
    check_value(r, 1, "x", "b");
    replicas_put(r, 1, STR_LIT("x"), STR_LIT("later")); /* its clock has learnt as well */
    replicas_merge(r, 0, 1);
    check_value(r, 0, "x", "later");
    replicas_free(r);
}

TEST(of_equal_clocks_the_higher_replica_wins_on_both_sides)
{
    struct replicas *r = replicas_new();

    replicas_put(r, 1, STR_LIT("x"), STR_LIT("from 1"));
    replicas_put(r, 0, STR_LIT("x"), STR_LIT("from 0"));
    replicas_merge(r, 1, 0);
    check_value(r, 1, "x", "from 1");
    replicas_merge(r, 0, 1);
    check_value(r, 0, "x", "from 1");
    replicas_free(r);
}

TEST(values_are_shared_and_counted_once)
{
    struct replicas *r = replicas_new();

    replicas_put(r, 0, STR_LIT("x"), STR_LIT("12345"));
    CHECK_INT(replicas_bytes(r), 6);
    replicas_merge(r, 1, 0);
    CHECK_INT(replicas_bytes(r), 6);
    replicas_put(r, 1, STR_LIT("x"), STR_LIT("123"));
    CHECK_INT(replicas_bytes(r), 9);
    replicas_merge(r, 0, 1);
    CHECK_INT(replicas_bytes(r), 4);
    replicas_put(r, 0, STR_LIT("x"), STR_LIT("1"));
    replicas_put(r, 0, STR_LIT("x"), STR_LIT("12"));
    CHECK_INT(replicas_bytes(r), 6);
    replicas_free(r);
}

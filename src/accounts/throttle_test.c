#include "throttle.h"

#include "../base/test.h"

#include <stdio.h>

static bool take(struct throttle *t, const char *key, int64_t now_ms)
{
    int64_t wait = 0;
    bool taken = throttle_take(t, THROTTLE_SIGN_IN_NAME, str_of(key), now_ms, &wait);

    CHECK(taken == (wait == 0));
    return taken;
}

static int take_all(struct throttle *t, const char *key, int64_t now_ms)
{
    int count = 0;

    while (count < 1000 && take(t, key, now_ms))
        count++;
    return count;
}

TEST(a_burst_then_one_by_one)
{
    struct throttle *t = throttle_new();
    int64_t wait = 0;

    CHECK_INT(take_all(t, "ada", 1000), 8);
    CHECK(!throttle_take(t, THROTTLE_SIGN_IN_NAME, STR_LIT("ada"), 1000, &wait));
    CHECK(!take(t, "ada", 1000 + wait - 1));
    CHECK_INT(take_all(t, "ada", 1000 + wait), 1);
    CHECK_INT(take_all(t, "ada", 1000 + wait + 40000), 2);
    CHECK_INT(take_all(t, "ada", INT64_MAX), 8); /* never more than the burst */
    throttle_free(t);
}

/* Goal: who tries all the time is held back, but not for ever. */
TEST(looking_often_costs_no_time)
{
    struct throttle *t = throttle_new();
    int64_t now, wait = 0;

    CHECK_INT(take_all(t, "ada", 0), 8);
    CHECK(!throttle_take(t, THROTTLE_SIGN_IN_NAME, STR_LIT("ada"), 0, &wait));
    for (now = 1; now < wait; now++)
        CHECK(!take(t, "ada", now));
    CHECK(take(t, "ada", wait));
    throttle_free(t);
}

TEST(kinds_and_keys_do_not_share)
{
    struct throttle *t = throttle_new();
    int64_t wait = 0;

    CHECK_INT(take_all(t, "ada", 0), 8);
    CHECK(take(t, "bob", 0));
    CHECK(throttle_take(t, THROTTLE_SIGN_UP, STR_LIT("ada"), 0, &wait));
    throttle_free(t);
}

TEST(a_clock_that_goes_back_gives_nothing)
{
    struct throttle *t = throttle_new();

    CHECK_INT(take_all(t, "ada", 100000), 8);
    CHECK_INT(take_all(t, "ada", 0), 0);
    throttle_free(t);
}

TEST(what_was_no_misuse_comes_back)
{
    struct throttle *t = throttle_new();
    int i;

    for (i = 0; i < 100; i++) {
        CHECK(take(t, "ada", 0));
        throttle_give_back(t, THROTTLE_SIGN_IN_NAME, STR_LIT("ada"));
    }
    CHECK_INT(take_all(t, "ada", 0), 8);
    throttle_give_back(t, THROTTLE_SIGN_IN_NAME, STR_LIT("nobody"));
    throttle_free(t);
}

/* Goal: who floods the table with new keys does not get a fresh bucket for an old one. */
TEST(a_flood_of_keys_does_not_free_one_that_is_held_back)
{
    struct throttle *t = throttle_new();
    char key[32];
    int i;

    CHECK_INT(take_all(t, "ada", 0), 8);
    for (i = 0; i < 3 * THROTTLE_BUCKETS; i++) {
        snprintf(key, sizeof(key), "k%d", i);
        CHECK(take(t, key, 0));
    }
    CHECK(!take(t, "ada", 0));
    throttle_free(t);
}

TEST(an_ipv6_address_counts_as_its_network)
{
    char a[THROTTLE_ADDRESS_SIZE], b[THROTTLE_ADDRESS_SIZE];

    CHECK_TEXT(throttle_address("2001:db8:1:2:3:4:5:6", a), throttle_address("2001:db8:1:2::9", b));
    CHECK(strcmp(throttle_address("2001:db8:1:3::9", a), b) != 0);
    CHECK_TEXT(throttle_address("192.0.2.7", a), "192.0.2.7");
    CHECK(strcmp(throttle_address("::ffff:192.0.2.7", a),
                 throttle_address("::ffff:192.0.2.8", b)) != 0);
    CHECK_TEXT(throttle_address("", a), "");
}

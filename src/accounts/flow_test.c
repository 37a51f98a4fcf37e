#include "flow.h"

#include "../base/test.h"

#include <stdio.h>

static struct flow flow_of(const char *state, const char *browser)
{
    struct flow f = {.person = 7};

    snprintf(f.secrets.state, sizeof(f.secrets.state), "%s", state);
    snprintf(f.browser, sizeof(f.browser), "%s", browser);
    return f;
}

TEST(a_flow_is_found_once_and_by_its_browser_only)
{
    struct flows *f = flows_new();
    struct flow a = flow_of("s1", "b1"), b = flow_of("s2", "b2"), got = {.person = 0};

    flows_add(f, &a, 0);
    flows_add(f, &b, 0);
    CHECK(!flows_take(f, STR_LIT("s1"), STR_LIT("b2"), 1, &got));
    CHECK(!flows_take(f, STR_LIT("s3"), STR_LIT("b1"), 1, &got));
    CHECK(!flows_take(f, STR_LIT(""), STR_LIT(""), 1, &got));
    CHECK(flows_take(f, STR_LIT("s1"), STR_LIT("b1"), 1, &got));
    CHECK_INT(got.person, 7);
    CHECK(!flows_take(f, STR_LIT("s1"), STR_LIT("b1"), 1, &got));
    flows_free(f);
}

TEST(a_flow_that_took_too_long_is_gone)
{
    struct flows *f = flows_new();
    struct flow a = flow_of("s1", "b1"), got;

    flows_add(f, &a, 1000);
    CHECK(!flows_take(f, STR_LIT("s1"), STR_LIT("b1"), 1000 + FLOW_MS, &got));
    CHECK(flows_take(f, STR_LIT("s1"), STR_LIT("b1"), 1000 + FLOW_MS - 1, &got));
    flows_free(f);
}

TEST(the_oldest_makes_room)
{
    struct flows *f = flows_new();
    struct flow got;
    char name[20];
    int i;

    for (i = 0; i <= FLOWS_MAX; i++) {
        struct flow one;
        snprintf(name, sizeof(name), "s%d", i);
        one = flow_of(name, "b");
        flows_add(f, &one, 0);
    }
    CHECK(!flows_take(f, STR_LIT("s0"), STR_LIT("b"), 1, &got));
    CHECK(flows_take(f, STR_LIT("s1"), STR_LIT("b"), 1, &got));
    CHECK(flows_take(f, str_of(name), STR_LIT("b"), 1, &got));
    flows_free(f);
}

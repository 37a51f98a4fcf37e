#include "request.h"

#include "../base/test.h"

TEST(a_cookie_is_found_by_its_whole_name)
{
    CHECK(str_is(request_cookie("eddy_session=abc", "eddy_session"), "abc"));
    CHECK(str_is(request_cookie("a=b; eddy_session=abc; c=d", "eddy_session"), "abc"));
    CHECK(str_is(request_cookie("a=b;eddy_session=", "eddy_session"), ""));
    CHECK(request_cookie("", "eddy_session").data == NULL);
    CHECK(request_cookie("xeddy_session=abc", "eddy_session").data == NULL);
    CHECK(request_cookie("eddy_sessions=abc", "eddy_session").data == NULL);
    CHECK(request_cookie("a=eddy_session=abc", "eddy_session").data == NULL);
    CHECK(request_cookie(";;; =; ;", "eddy_session").data == NULL);
}

TEST(values_of_a_query_are_decoded_and_have_a_limit)
{
    struct request_values v = {.count = 0};
    struct request q = {.values = &v};
    char longest[REQUEST_VALUE_MAX + 2];
    int i;

    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    request_values_add(&v, "a", "x%20y+z");
    request_values_add(&v, "a", "second");
    request_values_add(&v, "broken", "%zz");
    request_values_add(&v, "zero", "a%00b");
    request_values_add(&v, "bytes", "%ff");
    request_values_add(&v, "long", longest);
    request_values_add(&v, "fits", longest + 1);
    CHECK_TEXT(request_value(&q, "a"), "x y z");
    CHECK_TEXT(request_value(&q, "broken"), "");
    CHECK_TEXT(request_value(&q, "zero"), "");
    CHECK_TEXT(request_value(&q, "bytes"), "");
    CHECK_TEXT(request_value(&q, "long"), "");
    CHECK_INT(strlen(request_value(&q, "fits")), REQUEST_VALUE_MAX);
    CHECK_TEXT(request_value(&q, "none"), "");
    for (i = 0; i < 100; i++)
        request_values_add(&v, "more", "1");
    CHECK_INT(v.count, REQUEST_VALUES_MAX);
    request_values_release(&v);
    CHECK_TEXT(request_value(&(struct request){.method = "GET"}, "a"), "");
}

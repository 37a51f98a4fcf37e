#include "mem.h"
#include "str.h"
#include "test.h"

TEST(texts_compare_bytewise_shorter_first)
{
    CHECK(str_eq((struct str){NULL, 0}, STR_LIT("")));
    CHECK(str_is(STR_LIT("ab"), "ab") && !str_is(STR_LIT("ab"), "abc"));
    CHECK(!str_is(STR_LIT("ab\0c"), "ab"));
    CHECK(str_cmp(STR_LIT("a"), STR_LIT("ab")) < 0);
    CHECK(str_cmp(STR_LIT("b"), STR_LIT("ab")) > 0);
    CHECK(str_cmp(STR_LIT("\xff"), STR_LIT("a")) > 0);
    CHECK(str_cmp((struct str){NULL, 0}, STR_LIT("")) == 0);
}

TEST(integers_are_read_to_their_limits)
{
    static const char *const wrong[] = {"",
                                        "-",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "--1",
                                        "0x1",
                                        "1e3",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "99999999999999999999"};
    int64_t value = 5;
    size_t i;

    CHECK(str_to_i64(str_of("9223372036854775807"), &value) && value == INT64_MAX);
    CHECK(str_to_i64(str_of("-9223372036854775808"), &value) && value == INT64_MIN);
    CHECK(str_to_i64(str_of("-0"), &value) && value == 0);
    CHECK(str_to_i64(str_of("007"), &value) && value == 7);
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        CHECK(!str_to_i64(str_of(wrong[i]), &value) && value == 7);
}

TEST(a_buffer_grows_and_ends_in_zero)
{
    struct buf b = {0};
    char *taken;
    int i;

    CHECK(buf_str(&b).data != NULL);
    buf_reset(&b);
    buf_reserve(&b, 10);
    CHECK_TEXT(b.data, "");
    buf_add(&b, NULL, 0);
    buf_add_text(&b, "x=");
    buf_add_i64(&b, INT64_MIN);
    buf_add_char(&b, ' ');
    buf_add_i64(&b, 0);
    buf_addf(&b, " %s %d", "y", 42);
    buf_add_str(&b, STR_LIT("!"));
    CHECK_TEXT(b.data, "x=-9223372036854775808 0 y 42!");
    CHECK_INT(b.len, strlen(b.data));
    buf_reset(&b);
    CHECK_TEXT(b.data, "");
    for (i = 0; i < 5000; i++)
        buf_addf(&b, "%d,", i);
    CHECK_INT(b.len, 10 * 2 + 90 * 3 + 900 * 4 + 4000 * 5);
    taken = buf_take(&b);
    CHECK(b.data == NULL && b.len == 0 && taken[0] == '0');
    mem_free(taken);
    taken = buf_take(&b);
    CHECK_TEXT(taken, "");
    mem_free(taken);
    buf_release(&b);
}

static const char *text_of(int64_t ns)
{
    static char text[DURATION_TEXT_MAX];

    return duration_text(ns, text);
}

TEST(durations_read_well)
{
    CHECK_TEXT(text_of(0), "0 ns");
    CHECK_TEXT(text_of(340), "340 ns");
    CHECK_TEXT(text_of(-999), "-999 ns");
    CHECK_TEXT(text_of(1250000), "1.25 ms");
    CHECK_TEXT(text_of(999999), "1 ms");
    CHECK_TEXT(text_of(999999999), "1 s");
    CHECK_TEXT(text_of(3200000000), "3.2 s");
    CHECK_TEXT(text_of(125000000000), "2 min 5 s");
    CHECK_TEXT(text_of(-125000000000), "-2 min 5 s");
    CHECK_TEXT(text_of(INT64_MIN), "-153722867 min 16 s");
}

static int64_t parsed(const char *text)
{
    int64_t ns = -2;

    return duration_parse(str_of(text), 1000000, &ns) ? ns : -1;
}

TEST(durations_are_read)
{
    CHECK_INT(parsed("100"), 100000000);
    CHECK_INT(parsed("0"), 0);
    CHECK_INT(parsed("7ns"), 7);
    CHECK_INT(parsed("250us"), 250000);
    CHECK_INT(parsed("1.5ms"), 1500000);
    CHECK_INT(parsed(".5s"), 500000000);
    CHECK_INT(parsed("2s"), 2000000000);
    CHECK_INT(parsed("1min"), 60000000000);
    CHECK_INT(parsed("1h"), 3600000000000);
    CHECK_INT(parsed("9007199254740993ns"), 9007199254740993);
    CHECK_INT(parsed("2540000h"), 9144000000000000000);
}

TEST(what_is_no_duration_is_refused)
{
    static const char *const wrong[] = {"",
                                        ".",
                                        "s",
                                        "-1s",
                                        "+1s",
                                        "1 s",
                                        "1.2.3s",
                                        "1m",
                                        "1S",
                                        "1e3s",
                                        "nan",
                                        "inf",
                                        "2550000h",
                                        "2550000.5h",
                                        "9223372036854775807s",
                                        "99999999999999999999999999s",
                                        "10000000000000000000000000000000000000000000000s"};
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        if (parsed(wrong[i]) != -1)
            fail_msg("\"%s\" was taken for a duration", wrong[i]);
}

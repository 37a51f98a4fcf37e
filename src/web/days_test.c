#include "days.h"

#include "../base/str.h"
#include "../base/test.h"

#include <string.h>

TEST(days_have_their_dates)
{
    char text[DAY_TEXT_MAX];

    CHECK_TEXT(days_text(0, text), "1970-01-01");
    CHECK_TEXT(days_text(19782, text), "2024-02-29");
    CHECK_TEXT(days_text(20778, text), "2026-11-21");
}

static uint32_t count(const char *text, const char *word)
{
    uint32_t n = 0;

    while ((text = strstr(text, word)) != NULL) {
        n++;
        text += strlen(word);
    }
    return n;
}

/* 20778 is a Saturday: the last week has six days. */
TEST(the_picture_ends_today_and_has_a_square_a_day)
{
    struct days d = {
        .today = 20778, .list = {{20700, 2, 0}, {20777, 1, 1}, {20778, 5, 3}}, .count = 3};
    struct buf out = {0};

    days_html(&d, &out);
    CHECK_INT(count(out.data, "<rect"), 26 * 7 - 1);
    CHECK_HAS(out.data, "<title>2026-11-21: 5 attempts, 3 passed</title>");
    CHECK_HAS(out.data, "<title>2026-11-20: 1 attempt, 1 passed</title>");
    CHECK_HAS(out.data, "<title>2026-11-19: nothing</title>");
    CHECK(strstr(out.data, "2026-11-22") == NULL);
    CHECK_INT(count(out.data, "<rect class=\"some-1\""), 1);
    CHECK_INT(count(out.data, "<rect class=\"some-2\""), 1);
    CHECK_INT(count(out.data, "<rect class=\"some-3\""), 1);
    CHECK(strstr(out.data, "<td>2026-11-21</td>") < strstr(out.data, "<td>2026-11-20</td>"));
    buf_release(&out);
}

TEST(nobody_who_did_nothing_gets_a_picture_of_it)
{
    struct days d = {.today = 20778};
    struct buf out = {0};

    days_html(&d, &out);
    CHECK_INT(out.len, 0);
    buf_release(&out);
}

#include "url.h"

#include "../base/test.h"

static void means(const char *raw, const char *wanted)
{
    struct buf out = {0};
    bool good = url_decode(str_of(raw), &out);

    CHECK_INT(good, wanted != NULL);
    if (wanted != NULL && wanted[0] != '\0')
        CHECK_TEXT(out.data, wanted);
    buf_release(&out);
}

TEST(blanks_and_hexadecimal_digits)
{
    means("a+b%20c%2B%c3%A4", "a b c+\xc3\xa4");
    means("", "");
    means("%41", "A");
}

TEST(what_means_nothing_is_refused)
{
    means("%", NULL);
    means("a%4", NULL);
    means("%4g", NULL);
    means("%g4", NULL);
    means("a%00b", NULL);
}

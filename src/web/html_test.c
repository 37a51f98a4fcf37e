#include "html.h"

#include "../base/test.h"

static void is(const char *text, size_t len, const char *wanted)
{
    struct buf out = {0};

    html_text(&out, (struct str){text, len});
    buf_add_text(&out, "");
    CHECK_TEXT(out.len > 0 ? out.data : "", wanted);
    buf_release(&out);
}

TEST(markup_becomes_text)
{
    is("<script>alert('a & b')</script>\"", 32,
       "&lt;script&gt;alert(&#39;a &amp; b&#39;)&lt;/script&gt;&quot;");
    is("", 0, "");
}

TEST(what_is_no_text_becomes_a_mark)
{
    is("a\0b", 3,
       "a\xef\xbf\xbd"
       "b");
    is("\xc3\xa4 \xc3(", 5, "\xc3\xa4 \xef\xbf\xbd(");
    is("\x1b[1m\n\t", 6, "\xef\xbf\xbd[1m\n\t");
}

TEST(every_s_is_escaped)
{
    struct buf out = {0};

    html_addf(&out, "<a href=\"%s\">%u %d %%</a>", "\"><img>", 4000000000u, -2);
    CHECK_TEXT(out.data, "<a href=\"&quot;&gt;&lt;img&gt;\">4000000000 -2 %</a>");
    buf_release(&out);
}

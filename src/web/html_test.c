#include "html.h"

#include "../base/str.h"
#include "../base/test.h"

TEST(every_s_is_escaped)
{
    struct buf out = {0};

    html_addf(&out, "<a href=\"%s\">%u %d %%</a>", "\"><img>", 4000000000u, -2);
    CHECK_TEXT(out.data, "<a href=\"&quot;&gt;&lt;img&gt;\">4000000000 -2 %</a>");
    buf_release(&out);
}

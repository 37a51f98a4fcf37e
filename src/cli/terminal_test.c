#include "terminal.h"

#include "../base/str.h"
#include "../base/test.h"

static void check_url(const char *path, const char *url)
{
    struct buf out = {0};

    terminal_add_file_url(&out, path);
    CHECK_TEXT(out.data, url);
    buf_release(&out);
}

TEST(addresses_of_files_have_no_blanks_and_no_marks_of_their_own)
{
    check_url("/home/me/my-node/eddy-report/01_lines.d",
              "file:///home/me/my-node/eddy-report/01_lines.d");
    check_url("/tmp/Übung 1", "file:///tmp/%C3%9Cbung%201");
    check_url("/a#b?c%d", "file:///a%23b%3Fc%25d");
}

TEST(a_line_is_cut_between_characters)
{
    CHECK_INT(terminal_fit("building ...", 40), 12);
    CHECK_INT(terminal_fit("building ...", 12), 12);
    CHECK_INT(terminal_fit("building ...", 5), 5);
    CHECK_INT(terminal_fit("", 5), 0);
    CHECK_INT(terminal_fit("a", 0), 0);
    CHECK_INT(terminal_fit("Übung 日本", 1), 2);
    CHECK_INT(terminal_fit("Übung 日本", 7), 10);
    CHECK_INT(terminal_fit("Übung 日本", 8), 13);
}

TEST(a_column_gives_way_where_its_line_does_not_fit)
{
    CHECK_INT(terminal_column(50, terminal_width()), 50);
    CHECK_INT(terminal_column(50, terminal_width() + 20), 30);
    CHECK_INT(terminal_column(50, terminal_width() + 60), 0);
}

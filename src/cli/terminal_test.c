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

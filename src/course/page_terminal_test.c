#include "page_terminal.h"

#include "course_story.h"

static void show(int width, bool colour, const char *markdown, struct buf *out)
{
    struct page_terminal t = {width, colour};

    buf_reset(out);
    buf_add_text(out, "");
    page_terminal(&t, str_of(markdown), out);
}

TEST(paragraphs_are_wrapped_and_lists_hang)
{
    struct buf out = {0};

    show(40, false,
         "## Title\n\nOne two three four five six seven eight nine\nten *eleven* twelve.\n\n"
         "- first item that is longer than a line of forty\n- second\n\n1. a\n2. b\n",
         &out);
    CHECK_TEXT(out.data, "Title\n\n"
                         "One two three four five six seven eight\nnine ten eleven twelve.\n\n"
                         " - first item that is longer than a line\n   of forty\n - second\n\n"
                         "1. a\n2. b\n\n");
    buf_release(&out);
}

TEST(code_stands_as_it_is)
{
    struct buf out = {0};

    show(40, false,
         "```json\n{\"a\": 1,\n  \"long\": \"a line that is longer than forty columns is not "
         "wrapped\"}\n```\n",
         &out);
    CHECK_TEXT(out.data, "    {\"a\": 1,\n      \"long\": \"a line that is longer than forty "
                         "columns is not wrapped\"}\n\n");
    show(40, false, "say `x_y` now", &out);
    CHECK_TEXT(out.data, "say `x_y` now\n\n");
    buf_release(&out);
}

TEST(tables_have_columns_and_narrow_cells_wrap)
{
    struct buf out = {0};

    show(60, false,
         "| request | reply |\n| --- | --- |\n| `echo {echo}` | `echo_ok` |\n| a | \xc3\xa9 |\n",
         &out);
    CHECK_TEXT(out.data,
               "request        reply\n`echo {echo}`  `echo_ok`\na              \xc3\xa9\n\n");
    show(40, false,
         "| a | b |\n| --- | --- |\n| x | one two three four five six seven eight nine ten |\n",
         &out);
    CHECK_TEXT(out.data, "a  b\nx  one two three four five six seven\n   eight nine ten\n\n");
    buf_release(&out);
}

TEST(links_that_lead_out_are_shown_and_pictures_are_not)
{
    struct buf out = {0};

    show(80, false,
         "See [this](01-a.md) and "
         "[that](https://example.org/x).\n\n<svg>\n<text>secret</text>\n</svg>\n",
         &out);
    CHECK_TEXT(out.data, "See this and that <https://example.org/x>.\n\n(a picture, which a "
                         "terminal cannot show)\n\n");
    buf_release(&out);
}

TEST(colours_count_no_width_and_nothing_commands_the_terminal)
{
    struct buf out = {0};

    show(40, true, "**One two three four five six** seven eight", &out);
    CHECK_TEXT(out.data, "\033[1mOne two three four five six\033[0m seven eight\n\n");
    show(40, false, "a\033[2Jb\x07", &out);
    CHECK_TEXT(out.data, "a[2Jb\n\n");
    buf_release(&out);
}

TEST(odd_markdown_does_no_harm)
{
    static const char *const texts[] = {
        "",
        " ",
        "- \n- \n",
        "> > > - a\n",
        "| a |\n| - |\n",
        "```\n",
        "1. 2. 3. - - x",
        "#",
        "|a|b|c|d|e|f|g|h|i|j|\n|-|-|-|-|-|-|-|-|-|-|\n|1|2|3|4|5|6|7|8|9|10|\n",
        "- - - - - - - - - - - - deep\n",
        "one-word-that-is-far-longer-than-forty-columns-and-cannot-be-wrapped",
    };
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        show(40, true, texts[i], &out);
    CHECK_HAS(out.data, "one-word-that");
    buf_release(&out);
}

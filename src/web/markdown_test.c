#include "markdown.h"

#include "../base/test.h"

static void known(void *owner, struct str target, struct buf *ret_url)
{
    (void)owner;
    if (!str_is(target, "nowhere.md"))
        buf_add_str(ret_url, target);
}

static void gives(const char *text, const char *wanted)
{
    const struct markdown m = {.link = known};
    struct buf out = {0};

    markdown_html(&m, str_of(text), &out);
    CHECK_TEXT(out.data, wanted);
    buf_release(&out);
}

TEST(paragraphs_lists_and_code)
{
    gives("a *b* **c** `d<e`\n", "<p>a <em>b</em> <strong>c</strong> <code>d&lt;e</code></p>\n");
    gives("3. x\n", "<ol start=\"3\">\n<li>x</li>\n</ol>\n");
    gives("    if (a < b)\n", "<pre tabindex=\"0\"><code>if (a &lt; b)\n</code></pre>\n");
}

TEST(headings_have_the_ids_that_links_use)
{
    gives("## What `you` build?\n",
          "<h2 id=\"what-you-build\">What <code>you</code> build?</h2>\n");
}

TEST(a_link_to_nothing_is_no_link)
{
    gives("[a](b.md) [c](nowhere.md)", "<p><a href=\"b.md\">a</a> c</p>\n");
    gives("[a](<x\"y>)", "<p><a href=\"x&quot;y\">a</a></p>\n");
}

TEST(html_in_a_page_is_text_and_comments_are_nothing)
{
    gives("a <img src=x onerror=y> b", "<p>a &lt;img src=x onerror=y&gt; b</p>\n");
    gives("<script>\nx\n</script>\n", "&lt;script&gt;\nx\n&lt;/script&gt;\n");
    gives("a\n\n<!-- for\nauthors -->\n", "<p>a</p>\n\n");
}

TEST(tables_can_be_left_out)
{
    const struct markdown m = {.without_tables = true};
    struct buf out = {0};

    markdown_html(&m, STR_LIT("a\n\n| b |\n| --- |\n| [c](d) |\n\ne\n"), &out);
    CHECK_TEXT(out.data, "<p>a</p>\n<p>e</p>\n");
    buf_release(&out);
    gives("| b |\n| --- |\n| c |\n",
          "<div class=\"table\" tabindex=\"0\"><table>\n<thead><tr><th>b</th>"
          "</tr>\n</thead>\n<tbody><tr><td>c</td></tr>\n</tbody>\n"
          "</table></div>\n");
}

TEST(words_are_those_that_one_reads)
{
    struct buf out = {0};

    markdown_words(STR_LIT("# A *b*\n\nc\nd [e](f)\n"), &out);
    CHECK_HAS(out.data, "A b c d e");
    buf_release(&out);
}

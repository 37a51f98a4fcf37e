#include "page.h"

#include "course_story.h"

static struct page *read_text(const struct story *s, const char *text)
{
    struct err err = {.text = ""};
    struct page *p = NULL;

    story_write(s, "page.md", text);
    CHECK_INT(page_read(story_path(s, "page.md"), &p, &err), 0);
    return p;
}

TEST(a_page_is_a_head_and_parts_with_lines)
{
    struct story s;
    struct page *p;

    story_open(&s);
    p = read_text(&s, "---\ntitle: One: two \nlevel: 3\nquoted: \"a: b\"\n---\nHello "
                      "*there*.\n\n## What `it` is\n\n"
                      "Two words.\n\n### Inner\n\n- a\n- b\n\n## Last\nEnd\n");
    CHECK(p->has_head);
    CHECK_INT(p->head_end, 5);
    CHECK_TEXT(page_field(p, "quoted")->value, "a: b");
    CHECK_TEXT(page_field(p, "title")->value, "One: two");
    CHECK_INT(page_field(p, "level")->line, 3);
    CHECK(page_field(p, "summary") == NULL);
    CHECK_INT(p->part_count, 4);
    CHECK_INT(p->parts[0].words, 2);
    CHECK_TEXT(p->parts[1].title, "What it is");
    CHECK_INT(p->parts[1].line, 8);
    CHECK_INT(p->parts[1].words, 2);
    CHECK_INT(p->parts[2].items, 2);
    CHECK_INT(p->parts[3].line, 17);
    CHECK(str_is(page_body(p, &p->parts[1]), "Two words.\n\n### Inner\n\n- a\n- b"));
    CHECK(str_is(page_body(p, &p->parts[3]), "End"));
    CHECK(page_part(p, 2, "Last") == &p->parts[3]);
    CHECK(page_part(p, 3, "Last") == NULL);
    page_free(p);
    story_close(&s);
}

TEST(code_and_html_are_no_words_and_their_hashes_no_headings)
{
    struct story s;
    struct page *p;

    story_open(&s);
    p = read_text(
        &s, "one two\n\n```sh\n## not a heading\nthree four\n```\n\n<svg>\n<text>five</text>\n"
            "</svg>\n\n> ## quoted\n\nsix `seven`\n\n| a | b |\n| --- | --- |\n| c | d |\n");
    CHECK_INT(p->part_count, 1);
    CHECK(!p->has_head);
    CHECK_INT(p->parts[0].code_blocks, 1);
    CHECK_INT(p->parts[0].tables, 1);
    CHECK_TEXT(p->parts[0].table_head, "a | b");
    CHECK_INT(p->parts[0].words, 2 + 1 + 2 + 4);
    page_free(p);
    story_close(&s);
}

TEST(links_know_their_line_and_part)
{
    struct story s;
    struct page *p;

    story_open(&s);
    p = read_text(
        &s,
        "---\ntitle: x\n---\n[a](a.md)\n\n## B\n\ntext and\n[two\nlines](b.md#c) ![i](i.svg)\n");
    CHECK_INT(p->link_count, 3);
    CHECK_TEXT(p->links[0].target, "a.md");
    CHECK_INT(p->links[0].line, 4);
    CHECK_INT(p->links[0].part, 0);
    CHECK_TEXT(p->links[1].target, "b.md#c");
    CHECK_INT(p->links[1].line, 10);
    CHECK_INT(p->links[1].part, 1);
    CHECK(p->links[2].image && !p->links[1].image);
    page_free(p);
    story_close(&s);
}

TEST(hints_are_found_by_number)
{
    struct story s;
    struct buf text = {0};
    struct page *p;

    story_open(&s);
    story_task_page(&text, NULL, NULL);
    p = read_text(&s, text.data);
    CHECK(str_is(page_hint(p, 1), "Read the line."));
    CHECK(str_is(page_hint(p, 3), "Print the answer."));
    CHECK(page_hint(p, 4).data == NULL);
    page_free(p);
    p = read_text(&s, "## Nothing\n");
    CHECK(page_hint(p, 1).data == NULL);
    page_free(p);
    buf_release(&text);
    story_close(&s);
}

TEST(odd_pages_are_read_without_harm)
{
    static const char *const texts[] = {
        "",
        "---\n",
        "---\ntitle: never closed",
        "---\n---",
        "---\n---\n",
        "#",
        "##\n\n##   \n",
        "# A\n## \n### B",
        "[](x)",
        "\n\n\n## A #\n",
        "A\n=",
        "&amp; [&](&amp;.md)\n",
    };
    struct story s;
    size_t i;

    story_open(&s);
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct page *p = read_text(&s, texts[i]);
        uint32_t k;
        for (k = 0; k < p->part_count; k++) {
            CHECK(p->parts[k].title != NULL);
            CHECK(p->parts[k].begin <= p->parts[k].body && p->parts[k].body <= p->parts[k].end);
            CHECK(p->parts[k].end <= p->text.len);
            page_body(p, &p->parts[k]);
        }
        page_free(p);
    }
    story_close(&s);
}

TEST(a_page_that_is_not_there_or_too_long_is_an_error)
{
    struct err err = {.text = ""};
    struct page *p = NULL;
    struct buf text = {0};
    struct story s;

    story_open(&s);
    CHECK_INT(page_read(story_path(&s, "none.md"), &p, &err), ERR_MACHINE);
    CHECK_HAS(err.text, "none.md");
    buf_reserve(&text, PAGE_MAX + 1);
    memset(text.data, 'a', PAGE_MAX + 1);
    text.len = PAGE_MAX + 1;
    text.data[text.len] = '\0';
    story_write(&s, "long.md", text.data);
    CHECK_INT(page_read(story_path(&s, "long.md"), &p, &err), ERR_FULL);
    CHECK(p == NULL);
    buf_release(&text);
    story_close(&s);
}

TEST(anchors_are_as_on_code_hosts)
{
    struct buf out = {0};

    page_anchor("What the grader does, 2nd: `x`_y", &out);
    CHECK_TEXT(out.data, "what-the-grader-does-2nd-x_y");
    buf_release(&out);
}

#include "page_check.h"

#include "course_story.h"
#include "page.h"

enum kind { TASK, TRACK };

/* Reads the text as a page of that kind in a small course, and gives its faults as a text. */
static void faults_of(enum kind kind, const char *text, struct buf *out)
{
    struct err err = {.text = ""};
    struct faults f = {0};
    struct page *p = NULL;
    struct buf other = {0};
    struct story s;

    story_open(&s);
    story_task_page(&other, NULL, NULL);
    story_write(&s, "course/01-talk/01-echo.md", other.data);
    story_write(&s, "docs/protocol.md", "# Protocol\n\n## Errors\n");
    story_write(&s, "secret.md", "# Secret\n");
    story_write(&s, "course/01-talk/page.md", text);
    CHECK_INT(page_read(story_path(&s, "course/01-talk/page.md"), &p, &err), 0);
    if (kind == TASK)
        page_check_task(p, "page.md", &f);
    else
        page_check_track(p, "page.md", &f);
    page_check_links(p, "page.md", s.dir, &f);
    story_faults(&f, out);
    faults_release(&f);
    page_free(p);
    buf_release(&other);
    story_close(&s);
}

TEST(good_pages_have_no_faults)
{
    struct buf text = {0};
    struct buf out = {0};

    story_task_page(&text, "What you build",
                    "See [the protocol](../../docs/protocol.md#errors), [this](#theory), "
                    "[that](01-echo.md), [them](https://example.org/a:b).");
    faults_of(TASK, text.data, &out);
    CHECK_TEXT(out.data, "");
    buf_reset(&text);
    story_track_page(&text, NULL, NULL);
    faults_of(TRACK, text.data, &out);
    CHECK_TEXT(out.data, "");
    buf_release(&text);
    buf_release(&out);
}

/* A section is replaced (with NULL: left out), and one fault must be said of it. */
static const struct broken {
    enum kind kind;
    const char *section, *with, *wanted;
} broken[] = {
    {TASK, "What you build", NULL, "page.md: the section \"## What you build\" is missing"},
    {TASK, "Theory", NULL, "\"## Theory\" is missing"},
    {TASK, "Why it matters", "", "page.md:10: the section \"## Why it matters\" is empty"},
    {TASK, "Theory", "Too short.", "has 2 words outside of code; it should have 300 to 800"},
    {TASK, "Protocol", "No table.\n\n```\nx\n```", "has no table"},
    {TASK, "Protocol", "| a |\n| --- |\n| b |", "has no example exchange"},
    {TASK, "Hints", "### 1\n\na\n\n### 2\n\nb", "there must be 3 hints, not 2"},
    {TASK, "Hints", "### 1\n\na\n\n### 3\n\nb\n\n### 2\n\nc",
     "expected the hint \"### 2\", not \"3\""},
    {TASK, "Hints", "### 1\n\n### 2\n\nb\n\n### 3\n\nc", "the hint is empty"},
    {TASK, "Hints", "a\n\n#### 1\n", "there must be 3 hints, not 0"},
    {TASK, "Further reading", "A book.", "has no list"},
    {TASK, "What the grader does", "a\n\n## Protocol\n\nagain",
     "\"## Protocol\" stands there twice"},
    {TASK, "Theory", "a\n\n# A title\n", "the title stands in the head"},
    {TASK, "Why it matters", "a\n\n## A story\n\nb", "\"## A story\" is no section"},
    {TASK, "Protocol", "[x](nowhere.md)", "the link nowhere.md leads to no file"},
    {TASK, "Protocol", "[x](01-echo.md#nothing)", "leads to a heading that is not there"},
    {TASK, "Protocol", "[x](#nothing)", "leads to a heading that is not there"},
    {TASK, "Protocol", "[x](../../secret.md)", "leads out of course/ and docs/"},
    {TASK, "Protocol", "[x](ftp://example.org)", "neither a file nor https or http"},
    {TASK, "Protocol", "[x]()", "its target is empty"},
    {TASK, "Protocol", "![x](no.svg)", "the link no.svg leads to no file"},
    {TRACK, "Common mistakes", "### 1. A\n\n[t](01-echo.md)",
     "there are 1 common mistakes; there should be 5"},
    {TRACK, "Common mistakes", "### A\n\n[t](01-echo.md)",
     "expected a mistake called \"### 1. NAME\", not \"A\""},
    {TRACK, "Common mistakes", "### 1. A\n\nNo link.", "the mistake has no link to the page"},
    {TRACK, "Interview questions", "### Why?\n\nSo.", "there are 1 interview questions"},
    {TRACK, "Interview questions", "### Why?\n", "the question has no answer"},
    {TRACK, "Prerequisites", NULL, "\"## Prerequisites\" is missing"},
    {TRACK, "Comparisons", "", "\"## Comparisons\" is empty"},
};

TEST(each_broken_section_is_found)
{
    struct buf text = {0};
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        buf_reset(&text);
        if (broken[i].kind == TASK)
            story_task_page(&text, broken[i].section, broken[i].with);
        else
            story_track_page(&text, broken[i].section, broken[i].with);
        faults_of(broken[i].kind, text.data, &out);
        CHECK_HAS(out.data, broken[i].wanted);
    }
    buf_release(&text);
    buf_release(&out);
}

/* The head is replaced as a whole. */
static const struct {
    const char *head, *wanted;
} heads[] = {
    {"", "page.md:1: the page does not begin with a head"},
    {"---\ntitle: a\nlevel: 1\n---\n", "page.md:4: the head has no \"concepts:\""},
    {"---\ntitle: \nlevel: 1\nconcepts: a\n---\n", "page.md:2: \"title:\" is empty"},
    {"---\ntitle: a\nlevel: 6\nconcepts: a\n---\n", "page.md:3: level is 1 to 5, not \"6\""},
    {"---\ntitle: a\nlevel: 12\nconcepts: a\n---\n", "level is 1 to 5, not \"12\""},
    {"---\ntitle: a\nlevel: 1\nconcepts: a\ncolour: red\n---\n",
     "page.md:5: the head knows no \"colour\""},
    {"---\ntitle: a\nlevel: 1\nlevel: 1\nconcepts: a\n---\n", "\"level:\" stands there twice"},
    {"---\ntitle: a\nlevel: 1\nconcepts: a\n---\nSome text.\n\n",
     "text stands before the first section"},
};

TEST(each_broken_head_is_found)
{
    struct buf text = {0};
    struct buf page = {0};
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        buf_reset(&text);
        buf_reset(&page);
        story_task_page(&page, NULL, NULL);
        buf_addf(&text, "%s%s", heads[i].head, strstr(page.data, "## What you build"));
        faults_of(TASK, text.data, &out);
        CHECK_HAS(out.data, heads[i].wanted);
    }
    buf_release(&text);
    buf_release(&page);
    buf_release(&out);
}

TEST(sections_in_the_wrong_order_are_found)
{
    struct buf text = {0};
    struct buf out = {0};

    story_task_page(&text, "Theory", NULL);
    buf_add_text(&text, "## Theory\n\nLate.\n");
    faults_of(TASK, text.data, &out);
    CHECK_HAS(out.data,
              "\"## Further reading\" stands in the wrong place; \"## Theory\" comes first");
    buf_release(&text);
    buf_release(&out);
}

TEST(a_track_needs_a_category_and_an_introduction)
{
    struct buf text = {0};
    struct buf page = {0};
    struct buf out = {0};

    story_track_page(&page, NULL, NULL);
    buf_addf(&text, "---\ntitle: a\nsummary: b\ncategory: Cooking\n---\n%s",
             strstr(page.data, "## Common mistakes"));
    faults_of(TRACK, text.data, &out);
    CHECK_HAS(out.data, "page.md:4: there is no category \"Cooking\"; there are Foundations, ");
    CHECK_HAS(out.data, "there is no introduction");
    buf_release(&text);
    buf_release(&page);
    buf_release(&out);
}

#include "track_check.h"

#include "course_story.h"
#include "mistake.h"
#include "track.h"

static void write_patch(const struct story *s, const char *name, const char *head)
{
    char path[128], text[256];

    snprintf(path, sizeof(path), "course/01-talk/mistakes/%s.patch", name);
    snprintf(text, sizeof(text),
             "%s\nIt is wrong.\n\n--- node.c\n+++ node.c\n@@ -1 +1 @@\n-a\n+b\n", head);
    story_write(s, path, text);
}

/* A whole track of one task, with five patches. */
static void write_track(const struct story *s)
{
    struct buf page = {0};
    char name[16], head[64];
    int i;

    story_task_page(&page, NULL, NULL);
    story_write(s, "course/01-talk/01-echo.md", page.data);
    buf_reset(&page);
    story_track_page(&page, NULL, NULL);
    story_write(s, "course/01-talk/track.md", page.data);
    story_write(s, "course/01-talk/01-echo.lua", "");
    story_write(s, "course/01-talk/ref/README.md", "");
    story_write(s, "course/planned.txt", "1 | talk | Talk | Foundations | 1\n");
    for (i = 1; i <= 5; i++) {
        snprintf(name, sizeof(name), "01-m%d", i);
        snprintf(head, sizeof(head), "Task: 1\nStep: a\nCommon: %d\n", i);
        write_patch(s, name, head);
    }
    buf_release(&page);
}

static void faults_of(const struct story *s, bool one_task, struct buf *out)
{
    struct err err = {.text = ""};
    struct course *c = NULL;
    struct mistakes m = {0};
    struct faults f = {0};

    CHECK_INT(course_open(s->dir, &c, &err), 0);
    CHECK_INT(track_check(c, &c->tracks[0], one_task ? &c->tracks[0].tasks[0] : NULL, &m, &f, &err),
              0);
    story_faults(&f, out);
    mistakes_release(&m);
    faults_release(&f);
    course_close(c);
}

TEST(a_whole_track_has_no_faults)
{
    struct buf out = {0};
    struct story s;

    story_open(&s);
    write_track(&s);
    faults_of(&s, false, &out);
    CHECK_TEXT(out.data, "");
    faults_of(&s, true, &out);
    CHECK_TEXT(out.data, "");
    buf_release(&out);
    story_close(&s);
}

/* A file is taken away or written anew, and this must be said. */
static const struct {
    const char *path, *text; /* NULL: the file goes */
    const char *wanted;
} cases[] = {
    {"01-echo.lua", NULL, "course/01-talk/01-echo.lua: the file is missing: the scenario"},
    {"ref/README.md", NULL,
     "course/01-talk/ref/README.md: the file is missing: what the reference"},
    {"track.md", NULL, "course/01-talk/track.md: cannot open"},
    {"track.md", "---\ntitle: a\npart from 2: b\n---\n",
     "course/01-talk/track.md:3: the first part begins with task 2"},
    {"01-echo.md", "", "course/01-talk/01-echo.md:1: the page does not begin with a head"},
    {"02-more.md", "", "course/01-talk: there are 2 tasks, and planned.txt says only 1"},
    {"02-more.md", "", "02-more.md: 0 patches in mistakes/ are for this task; there should be 2"},
    {"03-more.md", "", "03-more.md: expected task 2 here"},
    {"mistakes/01-m3.patch", NULL, "no patch in mistakes/ shows common mistake 3 (\"Common: 3\")"},
    {"mistakes/01-m9.patch", "Task: 1\nStep: a\nCommon: 9\nw\n--- a\n",
     "01-m9.patch: track.md has 5 common mistakes, and no number 9"},
    {"mistakes/01-m9.patch", "Task: 2\nStep: a\nw\n--- a\n",
     "01-m9.patch: the track has no task 2"},
};

TEST(what_is_missing_is_found)
{
    struct buf out = {0};
    char path[256];
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct story s;
        story_open(&s);
        write_track(&s);
        snprintf(path, sizeof(path), "course/01-talk/%s", cases[i].path);
        if (cases[i].text == NULL)
            CHECK_INT(unlink(story_path(&s, path)), 0);
        else
            story_write(&s, path, cases[i].text);
        faults_of(&s, false, &out);
        CHECK_HAS(out.data, cases[i].wanted);
        story_close(&s);
    }
    buf_release(&out);
}

TEST(one_task_is_checked_without_the_rest)
{
    struct buf out = {0};
    struct story s;

    story_open(&s);
    write_track(&s);
    story_write(&s, "course/01-talk/02-more.md", "");
    faults_of(&s, true, &out);
    CHECK_TEXT(out.data, "");
    buf_release(&out);
    story_close(&s);
}

/* Goal: a task may be there before the ones ahead of it, but never one beyond what is planned. */
TEST(gaps_are_for_planned_tasks)
{
    static const struct {
        const char *planned, *page;
        bool is_fine;
    } gaps[] = {
        {"1 | talk | Talk | Foundations | 3\n", "course/01-talk/03-more.md", true},
        {"1 | talk | Talk | Foundations | 3\n", "course/01-talk/04-more.md", false},
        {"1 | talk | Talk | Foundations | 2\n", "course/01-talk/03-more.md", false},
    };

    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
        struct buf out = {0};
        struct story s;

        story_open(&s);
        write_track(&s);
        story_write(&s, "course/planned.txt", gaps[i].planned);
        story_write(&s, gaps[i].page, "");
        faults_of(&s, false, &out);
        CHECK(gaps[i].is_fine == (strstr(out.data, "expected task 2 here") == NULL));
        CHECK_HAS(out.data, "more.md:1: the page does not begin with a head");
        buf_release(&out);
        story_close(&s);
    }
}

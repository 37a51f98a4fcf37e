#include "track.h"

#include "course_story.h"

#include "../base/mem.h"

static struct course *open_course(const struct story *s)
{
    struct err err = {.text = ""};
    struct course *c = NULL;

    CHECK_INT(course_open(s->dir, &c, &err), 0);
    return c;
}

static void write_small_course(const struct story *s)
{
    story_write(s, "course/planned.txt",
                "# a comment\n\n01 | messenger | planned title | Foundations | 3\n"
                "07 | consensus | One log for all | Consensus | 25 | messenger "
                "elector\n20|migrator|Moving|Operations|4");
    story_write(
        s, "course/01-messenger/track.md",
        "---\ntitle: A node that talks\nsummary: Lines.\ncategory: Foundations\n---\nHello.\n");
    story_write(s, "course/01-messenger/02-init.md", "---\ntitle: Who am I\nlevel: 2\n---\n");
    story_write(s, "course/01-messenger/01-lines.md", "no head at all");
    story_write(s, "course/01-messenger/common.lua", "");
    story_write(s, "course/01-messenger/README.md", "");
    story_write(s, "course/02-making/01-echo.md", "");
    story_write(s, "course/notes/01-echo.md", "");
}

TEST(tracks_and_tasks_come_in_order_planned_ones_too)
{
    struct story s;
    struct course *c;

    story_open(&s);
    write_small_course(&s);
    c = open_course(&s);
    CHECK_INT(c->track_count, 4);
    CHECK_TEXT(c->tracks[0].name, "01-messenger");
    CHECK_TEXT(c->tracks[0].title, "A node that talks");
    CHECK_TEXT(c->tracks[0].summary, "Lines.");
    CHECK_INT(c->tracks[0].planned_count, 3);
    CHECK_INT(c->tracks[0].task_count, 2);
    CHECK_TEXT(c->tracks[0].tasks[0].title, "lines"); /* its page has none */
    CHECK_TEXT(c->tracks[0].tasks[1].title, "Who am I");
    CHECK_INT(c->tracks[0].tasks[1].level, 2);
    CHECK_HAS(c->tracks[0].tasks[1].scenario, "/course/01-messenger/02-init.lua");
    CHECK(track_task(&c->tracks[0], 2) == &c->tracks[0].tasks[1]);
    CHECK(track_task(&c->tracks[0], 3) == NULL);
    CHECK_TEXT(c->tracks[1].slug, "making"); /* has no track.md yet */
    CHECK(c->tracks[2].dir == NULL);
    CHECK_TEXT(c->tracks[2].title, "One log for all");
    CHECK_INT(c->tracks[3].planned_count, 4);
    course_close(c);
    story_close(&s);
}

TEST(the_task_after_a_gap_is_the_next_one)
{
    struct task tasks[] = {{.number = 1}, {.number = 2}, {.number = 7}};
    const struct track t = {.tasks = tasks, .task_count = 3}, empty = {.task_count = 0};

    CHECK(track_task_from(&t, 2) == &tasks[1]);
    CHECK(track_task_from(&t, 3) == &tasks[2]);
    CHECK(track_task_from(&t, 7) == &tasks[2]);
    CHECK(track_task_from(&t, 8) == NULL);
    CHECK_INT(track_last_number(&t), 7);
    CHECK(track_task_from(&empty, 1) == NULL);
    CHECK_INT(track_last_number(&empty), 0);
}

TEST(tracks_and_tasks_are_named_in_several_ways)
{
    static const char *const names[] = {"1", "01", "messenger", "01-messenger", "mes"};
    const struct track *t = NULL;
    const struct task *task = NULL;
    struct err err = {.text = ""};
    struct story s;
    struct course *c;
    size_t i;

    story_open(&s);
    write_small_course(&s);
    c = open_course(&s);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        t = NULL;
        CHECK_INT(course_find_track(c, names[i], &t, &err), 0);
        CHECK(t == &c->tracks[0]);
    }
    CHECK_INT(track_find_task(t, "02-init", &task, &err), 0);
    CHECK_INT(task->number, 2);
    CHECK_INT(track_find_task(t, "l", &task, &err), 0);
    CHECK_INT(task->number, 1);
    CHECK_INT(course_find_track(c, "m", &t, &err), ERR_INPUT);
    CHECK_TEXT(err.text, "\"m\" may be 01-messenger, 02-making, 20-migrator");
    CHECK_INT(course_find_track(c, "", &t, &err), ERR_INPUT);
    CHECK_INT(course_find_track(c, "3", &t, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no track \"3\"; there are: 01-messenger, ");
    CHECK_INT(track_find_task(t, "9", &task, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no task \"9\"");
    course_close(c);
    story_close(&s);
}

TEST(broken_plans_name_the_line)
{
    static const char *const lines[] = {
        "01 | messenger",
        "x | a | b | c | 1",
        "0 | a | b | c | 1",
        "100 | a | b | c | 1",
        "1 | | b | c | 1",
        "1 | a | b | c | 0",
        "1 | a | b | c | 1 | d | more",
        "1 | a | b | c | many",
    };
    struct err err = {.text = ""};
    struct course *c = NULL;
    struct story s;
    size_t i;

    story_open(&s);
    for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "# first\n%s\n", lines[i]);
        story_write(&s, "course/planned.txt", text);
        CHECK_INT(course_open(s.dir, &c, &err), ERR_INPUT);
        CHECK_HAS(err.text, "planned.txt: line 2: expected \"NUMBER | slug");
    }
    story_close(&s);
}

TEST(the_course_is_where_EDDY_HOME_says)
{
    struct err err = {.text = ""};
    struct buf home = {0};
    char *before = getenv("EDDY_HOME") != NULL ? strdup(getenv("EDDY_HOME")) : NULL;
    struct story s;

    story_open(&s);
    setenv("EDDY_HOME", s.dir, 1);
    CHECK_INT(course_home(&home, &err), ERR_INPUT);
    CHECK_HAS(err.text, "there is no folder course in it");
    story_write(&s, "course/planned.txt", "");
    CHECK_INT(course_home(&home, &err), 0);
    CHECK_TEXT(home.data, s.dir);
    if (before != NULL)
        setenv("EDDY_HOME", before, 1);
    else
        unsetenv("EDDY_HOME");
    free(before);
    buf_release(&home);
    story_close(&s);
}

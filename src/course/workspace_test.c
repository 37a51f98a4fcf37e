#include "workspace.h"

#include "course_story.h"
#include "language.h"
#include "track.h"

#include <limits.h>
#include <sys/stat.h>

static struct task tasks[] = {
    {.number = 1, .name = "01-lines", .slug = "lines", .title = "One line"},
    {.number = 2, .name = "02-init", .slug = "init", .title = "Who am I"},
};
static const struct track track = {.number = 1,
                                   .slug = "messenger",
                                   .title = "Talks",
                                   .summary = "",
                                   .tasks = tasks,
                                   .task_count = 2};
static const struct language language = {.name = "sh",
                                         .title = "Shell",
                                         .library = "node.sh",
                                         .starter = "main.sh Makefile",
                                         .main = "main.sh"};

/* missing: a file of the language that is not there; NULL: all are. */
static int make_without(const struct story *s, const char *missing, const char *name,
                        struct err *err)
{
    struct languages l = {.kits = strdup(story_path(s, "kits"))};
    int status;

    story_write(s, "kits/sh/node.sh", "library");
    story_write(s, "kits/sh/starter/main.sh", "main");
    CHECK_INT(chmod(story_path(s, "kits/sh/starter/main.sh"), 0755), 0);
    story_write(s, "kits/sh/starter/Makefile", "all:");
    if (missing != NULL)
        CHECK_INT(unlink(story_path(s, missing)), 0);
    status = workspace_make(story_path(s, name), &track, &language, &l, err);
    free(l.kits);
    return status;
}

static int make(const struct story *s, const char *name, struct err *err)
{
    return make_without(s, NULL, name, err);
}

TEST(a_folder_is_made_and_found_from_below)
{
    struct err err = {.text = ""};
    struct workspace w = {0};
    struct buf program = {0};
    struct story s;
    char real[PATH_MAX];

    story_open(&s);
    CHECK_INT(make(&s, "a/b", &err), 0);
    CHECK_INT(access(story_path(&s, "a/b/kit/node.sh"), R_OK), 0);
    CHECK_INT(access(story_path(&s, "a/b/main.sh"), X_OK), 0);
    CHECK_INT(access(story_path(&s, "a/b/README.md"), R_OK), 0);
    story_write(&s, "a/b/deep/er/x", "");
    CHECK_INT(workspace_open(story_path(&s, "a/b/deep/er"), &w, &err), 0);
    CHECK(realpath(story_path(&s, "a/b"), real) != NULL);
    CHECK_TEXT(w.dir, real);
    CHECK_TEXT(w.track, "messenger");
    CHECK_TEXT(w.language, "sh");
    CHECK_INT(w.task, 1);
    CHECK_INT(workspace_set_task(&w, 2, &err), 0);
    workspace_program(&w, &program);
    CHECK_HAS(program.data, "/a/b/node");
    workspace_release(&w);
    CHECK_INT(workspace_open(story_path(&s, "a/b"), &w, &err), 0);
    CHECK_INT(w.task, 2);
    workspace_release(&w);
    buf_release(&program);
    story_close(&s);
}

TEST(nothing_is_written_over)
{
    static const char *const in_the_way[] = {"main.sh", "Makefile", "kit/node.sh", "README.md",
                                             ".eddy"};
    struct err err = {.text = ""};
    struct story s;
    size_t i;

    for (i = 0; i < sizeof(in_the_way) / sizeof(in_the_way[0]); i++) {
        char path[64];
        story_open(&s);
        snprintf(path, sizeof(path), "mine/%s", in_the_way[i]);
        story_write(&s, path, "my work");
        CHECK_INT(make(&s, "mine", &err), ERR_INPUT);
        CHECK_HAS(err.text, in_the_way[i]);
        CHECK_HAS(err.text, "is there already");
        CHECK(access(story_path(&s, i == 0 ? "mine/.eddy" : "mine/main.sh"), F_OK) != 0);
        story_close(&s);
    }
}

/* Goal: after a start that failed half-way, the same command can be given again.
 * Method: one of the language's files is not there, so that copying ends in the middle. */
TEST(a_start_that_fails_leaves_nothing_but_what_was_there)
{
    struct err err = {.text = ""};
    struct story s;

    story_open(&s);
    story_write(&s, "mine/notes.txt", "my work");
    CHECK(make_without(&s, "kits/sh/node.sh", "mine", &err) < 0);
    CHECK(access(story_path(&s, "mine/notes.txt"), F_OK) == 0);
    CHECK(access(story_path(&s, "mine/main.sh"), F_OK) != 0);
    CHECK(access(story_path(&s, "mine/kit"), F_OK) != 0);
    CHECK(make_without(&s, "kits/sh/node.sh", "new", &err) < 0);
    CHECK(access(story_path(&s, "new"), F_OK) != 0);
    CHECK_INT(make(&s, "mine", &err), 0);
    story_close(&s);
}

TEST(other_files_are_no_hindrance)
{
    struct err err = {.text = ""};
    struct story s;

    story_open(&s);
    story_write(&s, "mine/.git/HEAD", "x");
    CHECK_INT(make(&s, "mine", &err), 0);
    story_close(&s);
}

TEST(broken_or_missing_state_is_an_error_that_says_what_to_do)
{
    static const char *const texts[] = {
        "",
        "track: a\n",
        "track: a\nlanguage: c\ntask: x\n",
        "track: a\nlanguage: c\ntask: 0\n",
        "track: a\nlanguage: c\ntask: 1000\n",
        "\n\n\ntask: 1\n",
    };
    struct err err = {.text = ""};
    struct workspace w = {0};
    struct story s;
    size_t i;

    story_open(&s);
    CHECK_INT(workspace_open(s.dir, &w, &err), ERR_INPUT);
    CHECK_HAS(err.text, "eddy learn start TRACK");
    CHECK_INT(workspace_open(story_path(&s, "none"), &w, &err), ERR_INPUT);
    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        story_write(&s, ".eddy", texts[i]);
        CHECK_INT(workspace_open(s.dir, &w, &err), ERR_INPUT);
        CHECK_HAS(err.text, "does not say track, language and task");
    }
    story_close(&s);
}

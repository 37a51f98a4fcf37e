#include "mistake.h"

#include "course_story.h"
#include "track.h"

static const char patch[] = "Task: 3\nStep: each request has exactly one reply\nCommon: 2\n\n"
                            "The reply is sent twice,\nas after a careless merge.\n\n"
                            "--- node.c\n+++ node.c\n@@ -1,2 +1,3 @@\n one\n+again\n two\n";

struct world {
    struct story story;
    struct task task;
    struct track track;
};

static void world_open(struct world *w)
{
    story_open(&w->story);
    w->task = (struct task){.number = 3, .name = "03-echo", .slug = "echo"};
    w->track = (struct track){.number = 1, .tasks = &w->task, .task_count = 1};
    w->track.dir = strdup(story_path(&w->story, "01-t"));
    story_write(&w->story, "01-t/ref/node.c", "one\ntwo\n");
}

static void world_close(struct world *w)
{
    free(w->track.dir);
    story_close(&w->story);
}

/* The faults of one patch, and the patch. */
static void read_one(struct world *w, const char *text, struct mistakes *m, struct buf *faults)
{
    struct faults f = {0};
    struct err err = {.text = ""};

    story_write(&w->story, "01-t/mistakes/03-twice.patch", text);
    CHECK_INT(mistakes_read(&w->track, strlen(w->track.dir) + 1, m, &f, &err), 0);
    story_faults(&f, faults);
    faults_release(&f);
    CHECK_INT(m->count, 1);
}

TEST(a_patch_says_task_step_and_what_is_wrong)
{
    struct mistakes m = {0};
    struct buf faults = {0};
    struct world w;

    world_open(&w);
    read_one(&w, patch, &m, &faults);
    CHECK_TEXT(faults.data, "");
    CHECK_TEXT(m.list[0].name, "03-twice");
    CHECK_INT(m.list[0].task, 3);
    CHECK_TEXT(m.list[0].step, "each request has exactly one reply");
    CHECK_INT(m.list[0].common, 2);
    CHECK_TEXT(m.list[0].words, "The reply is sent twice, as after a careless merge.");
    mistakes_release(&m);
    buf_release(&faults);
    world_close(&w);
}

TEST(broken_heads_are_found)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"Step: a\nwords\n--- node.c\n", "the head has no line \"Task: NUMBER\""},
        {"Task: x\nStep: a\nwords\n--- node.c\n", "the head has no line \"Task: NUMBER\""},
        {"Task: 4\nStep: a\nwords\n--- node.c\n", "the track has no task 4"},
        {"Task: 3\nwords\n--- node.c\n", "the head has no line \"Step: NAME\""},
        {"Task: 3\nStep: a\n\n--- node.c\n", "the head does not say what is wrong"},
        {"Task: 3\nStep: a\nwords\n", "there is no diff"},
        {"", "mistakes/03-twice.patch: "},
    };
    struct buf faults = {0};
    struct world w;
    size_t i;

    world_open(&w);
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mistakes m = {0};
        read_one(&w, cases[i].text, &m, &faults);
        CHECK_HAS(faults.data, cases[i].wanted);
        mistakes_release(&m);
    }
    buf_release(&faults);
    world_close(&w);
}

static int apply(struct world *w, const char *text, struct err *err)
{
    struct mistakes m = {0};
    struct buf faults = {0};
    int status;

    read_one(w, text, &m, &faults);
    status = mistake_apply(&m.list[0], story_path(&w->story, "01-t/ref"), err);
    mistakes_release(&m);
    buf_release(&faults);
    return status;
}

TEST(a_patch_is_applied_with_and_without_a_and_b)
{
    struct err err = {.text = ""};
    struct buf text = {0};
    struct world w;

    world_open(&w);
    CHECK_INT(apply(&w, patch, &err), 0);
    CHECK_INT(file_read(story_path(&w.story, "01-t/ref/node.c"), 100, &text, &err), 0);
    CHECK_TEXT(text.data, "one\nagain\ntwo\n");
    story_write(&w.story, "01-t/ref/node.c", "one\ntwo\n");
    CHECK_INT(
        apply(&w,
              "Task: 3\nStep: a\nw\n\ndiff --git a/node.c b/node.c\n--- a/node.c\n+++ b/node.c\n"
              "@@ -1,2 +1,3 @@\n one\n+again\n two\n",
              &err),
        0);
    buf_release(&text);
    world_close(&w);
}

TEST(a_patch_that_does_not_apply_says_so)
{
    struct err err = {.text = ""};
    struct world w;

    world_open(&w);
    story_write(&w.story, "01-t/ref/node.c", "three\nfour\n");
    CHECK_INT(apply(&w, patch, &err), ERR_INPUT);
    CHECK_HAS(err.text, "the patch does not apply: ");
    CHECK_HAS(err.text, "node.c");
    story_write(&w.story, "01-t/ref/node.c", "one\nagain\ntwo\n"); /* applied already */
    CHECK_INT(apply(&w, patch, &err), ERR_INPUT);
    CHECK_INT(
        apply(&w, "Task: 3\nStep: a\nw\n--- other.c\n+++ other.c\n@@ -1 +1 @@\n-x\n+y\n", &err),
        ERR_INPUT);
    CHECK_INT(apply(&w, "Task: 3\nStep: a\nw\n--- node.c\nthis is no diff\n", &err), ERR_INPUT);
    world_close(&w);
}

TEST(a_patch_cannot_write_elsewhere)
{
    struct err err = {.text = ""};
    struct world w;

    world_open(&w);
    story_write(&w.story, "01-t/secret.c", "one\ntwo\n");
    CHECK_INT(apply(&w,
                    "Task: 3\nStep: a\nw\n--- ../secret.c\n+++ ../secret.c\n@@ -1,2 +1,3 @@\n "
                    "one\n+x\n two\n",
                    &err),
              ERR_INPUT);
    world_close(&w);
}

/* course_story.h - a course on a few lines, for the tests of this room: folders, pages, patches.
 *
 * Pages are made from a good one by replacing what stands under one heading, so that a test shows
 * just what is broken. */
#ifndef COURSE_COURSE_STORY_H
#define COURSE_COURSE_STORY_H

#include "../base/err.h"
#include "../base/file.h"
#include "../base/str.h"
#include "../base/test.h"
#include "faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

struct story {
    char dir[128]; /* a new folder, without links in its path */
};

UNUSED static void story_open(struct story *s)
{
    char made[] = "/tmp/eddy-course-XXXXXX";

    CHECK(mkdtemp(made) != NULL);
    snprintf(s->dir, sizeof(s->dir), "%s", made);
}

UNUSED static void story_close(struct story *s)
{
    struct err err = {.text = ""};

    CHECK_INT(file_remove_tree(s->dir, &err), 0);
}

/* The path of a file in the story's folder; borrowed until the fourth call after. */
UNUSED static const char *story_path(const struct story *s, const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", s->dir, name);
    return path;
}

UNUSED static void story_write(const struct story *s, const char *name, const char *text)
{
    struct err err = {.text = ""};
    char *dir = strdup(story_path(s, name));

    *strrchr(dir, '/') = '\0';
    CHECK_INT(file_mkdirs(dir, &err), 0);
    CHECK_INT(file_write(story_path(s, name), str_of(text), &err), 0);
    free(dir);
}

struct story_section {
    const char *title, *text;
};

static const char story_words[] = "Sixty words of theory, ";

UNUSED static void story_sections(struct buf *out, const struct story_section *sections,
                                  const char *replaced, const char *with)
{
    for (; sections->title != NULL; sections++) {
        bool here = replaced != NULL && strcmp(replaced, sections->title) == 0;
        if (here && with == NULL)
            continue;
        buf_addf(out, "## %s\n\n%s\n\n", sections->title, here ? with : sections->text);
    }
}

/* A good page of a task; what stands under `replaced` is `with`, or the section is left out. */
UNUSED static void story_task_page(struct buf *out, const char *replaced, const char *with)
{
    struct buf theory = {0};
    struct story_section sections[] = {
        {"What you build", "A node that says it back."},
        {"Why it matters", "Somebody lost a message once."},
        {"Protocol",
         "| request | reply | errors |\n| --- | --- | --- |\n| `echo {echo}` | `echo_ok "
         "{echo}` | none |\n\n```json\n{\"type\":\"echo\"}\n```"},
        {"What the grader does", "It asks."},
        {"Hints", "### 1\n\nRead the line.\n\n### 2\n\nParse it.\n\n### 3\n\nPrint the answer."},
        {"Theory", NULL},
        {"Further reading", "- A book, somebody, 1978"},
        {NULL, NULL},
    };
    int i;

    for (i = 0; i < 80; i++)
        buf_addf(&theory, "%s%d.\n", story_words, i);
    sections[5].text = theory.data;
    buf_add_text(out, "---\ntitle: Say it back\nlevel: 2\nconcepts: envelope, reply\n---\n");
    story_sections(out, sections, replaced, with);
    buf_release(&theory);
}

UNUSED static void story_track_page(struct buf *out, const char *replaced, const char *with)
{
    struct buf common = {0};
    struct buf questions = {0};
    struct story_section sections[] = {
        {"Common mistakes", NULL},
        {"Comparisons", "Threads or loops."},
        {"Interview questions", NULL},
        {"Concepts", "Framing."},
        {"Prerequisites", "A language."},
        {"Further reading", "- A book"},
        {NULL, NULL},
    };
    int i;

    for (i = 1; i <= 5; i++)
        buf_addf(&common, "### %d. Mistake %d\n\nSeen in [task 1](01-echo.md#protocol).\n\n", i, i);
    for (i = 1; i <= 6; i++)
        buf_addf(&questions, "### Why %d?\n\nBecause.\n\n", i);
    sections[0].text = common.data;
    sections[2].text = questions.data;
    buf_add_text(out, "---\ntitle: A node that talks\nsummary: Lines in, lines out.\n"
                      "category: Foundations\npart from 1: First words\n---\nThis is the "
                      "track.\n\n");
    story_sections(out, sections, replaced, with);
    buf_release(&common);
    buf_release(&questions);
}

/* All faults as one text. */
UNUSED static void story_faults(const struct faults *f, struct buf *out)
{
    uint32_t i;

    buf_reset(out);
    buf_add_text(out, "");
    for (i = 0; i < f->count; i++)
        buf_addf(out, "%s\n", f->texts[i]);
    if (out->data == NULL)
        buf_add_text(out, "\n");
}

#endif

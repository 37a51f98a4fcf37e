#include "track_part.h"

#include "../base/mem.h"
#include "course_story.h"
#include "page.h"
#include "track.h"

/* A course with one track: tasks with these numbers, and these lines at the head's end. */
static struct course *open_track(const struct story *s, const char *numbers, const char *lines)
{
    struct err err = {.text = ""};
    struct course *c = NULL;
    char path[64], text[1024];

    story_write(s, "course/planned.txt", "1 | talk | Talk | Foundations | 9\n");
    snprintf(text, sizeof(text), "---\ntitle: Talk\n%s---\nText.\n", lines);
    story_write(s, "course/01-talk/track.md", text);
    for (; *numbers != '\0'; numbers++) {
        snprintf(path, sizeof(path), "course/01-talk/0%c-t%c.md", *numbers, *numbers);
        story_write(s, path, "");
    }
    CHECK_INT(course_open(s->dir, &c, &err), 0);
    return c;
}

/* "One 1 2, Two 3": the parts with the numbers of their tasks. */
static void parts_of(const char *numbers, const char *lines, struct buf *out)
{
    struct course *c;
    struct story s;
    uint32_t i, k;

    story_open(&s);
    c = open_track(&s, numbers, lines);
    buf_reset(out);
    buf_add_text(out, "");
    for (i = 0; i < c->tracks[0].part_count; i++) {
        const struct track_part *part = &c->tracks[0].parts[i];
        buf_addf(out, "%s%s", i > 0 ? ", " : "", part->title);
        for (k = 0; k < part->count; k++)
            buf_addf(out, " %u", c->tracks[0].tasks[part->first + k].number);
    }
    course_close(c);
    story_close(&s);
}

static const struct {
    const char *numbers, *lines, *parts;
} readings[] = {
    {"12345", "part from 1: One\npart from 4: \"Two: more\"\n", "One 1 2 3, Two: more 4 5"},
    {"12345", "part from 1: One\n", "One 1 2 3 4 5"},
    {"123", "", ""},
    /* numbers of tasks that are not written yet */
    {"1257", "part from 1: One\npart from 4: Two\npart from 6: Three\n", "One 1 2, Two 5, Three 7"},
    {"127", "part from 1: One\npart from 4: Two\npart from 7: Three\n", "One 1 2, Three 7"},
    {"12", "part from 1: One\npart from 4: Two\n", "One 1 2"},
    {"", "part from 1: One\n", ""},
    /* what track_parts_check() would not let pass */
    {"12345", "part from 3: One\npart from 4: Two\n", "One 1 2 3, Two 4 5"},
    {"12345", "part from 1: One\npart from 4: Two\npart from 2: Three\n", "One 1 2 3, Two 4 5"},
    {"12345", "part from 1: One\npart from 1: Two\npart from: Three\n", "One 1 2 3 4 5"},
    {"12345", "part: One\npart 2: Two\npart from x: Three\npart from 2:\n", ""},
    {"12345", "part from 0: One\npart from -1: Two\npart from 99999999999999999999: Three\n", ""},
};

TEST(each_task_is_in_one_part)
{
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
        parts_of(readings[i].numbers, readings[i].lines, &out);
        CHECK_TEXT(out.data, readings[i].parts);
    }
    buf_release(&out);
}

TEST(a_part_is_found_by_the_task_that_begins_it)
{
    struct course *c;
    struct story s;

    story_open(&s);
    c = open_track(&s, "12345", "part from 1: One\npart from 4: Two\n");
    CHECK(track_part_beginning(&c->tracks[0], 0) == &c->tracks[0].parts[0]);
    CHECK(track_part_beginning(&c->tracks[0], 1) == NULL);
    CHECK(track_part_beginning(&c->tracks[0], 3) == &c->tracks[0].parts[1]);
    course_close(c);
    story_close(&s);
}

static void faults_of(const char *numbers, const char *lines, struct buf *out)
{
    struct err err = {.text = ""};
    struct faults f = {0};
    struct page *page = NULL;
    struct course *c;
    struct story s;

    story_open(&s);
    c = open_track(&s, numbers, lines);
    CHECK_INT(page_read(story_path(&s, "course/01-talk/track.md"), &page, &err), 0);
    track_parts_check(&c->tracks[0], page, "track.md", &f);
    story_faults(&f, out);
    faults_release(&f);
    page_free(page);
    course_close(c);
    story_close(&s);
}

static const struct {
    const char *numbers, *lines;
} sound[] = {
    {"123456789", "part from 1: One\npart from 4: Two\npart from 7: Three\n"},
    {"123456", ""},                                                     /* short tracks need none */
    {"12", "part from 1: One\npart from 4: Two\npart from 9: Three\n"}, /* planned tasks count */
    {"2", "part from 1: One\n"},
    {"", ""},
};

TEST(sound_parts_have_no_faults)
{
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
        faults_of(sound[i].numbers, sound[i].lines, &out);
        CHECK_TEXT(out.data, "");
    }
    buf_release(&out);
}

/* The whole of what is said, so that one mistake is told once. */
static const struct {
    const char *numbers, *lines, *wanted;
} broken[] = {
    {"12", "part from 2: One\n",
     "track.md:3: the first part begins with task 2, so what comes before is in no part; it must "
     "begin with task 1\n"},
    {"12345", "part from 1: One\npart from 4: Two\npart from 3: Three\n",
     "track.md:5: the part from task 3 stands behind the one from task 4; parts stand in the order "
     "of their tasks\n"},
    {"12345", "part from 1: One\npart from 4: Two\npart from 04: Three\n",
     "track.md:5: two parts begin with task 4\n"},
    {"12345", "part from 1: One\npart from 10: Two\n",
     "track.md:4: the part begins with task 10, and the last task is 9\n"},
    {"12345", "part from 1: One\npart from 4:\n", "track.md:4: the part has no title\n"},
    {"12345", "part from 1: One\npart from 4\n", "track.md:4: the part has no title\n"},
    {"12345", "part from 1: One\npart from 4: One\n",
     "track.md:4: the part is called as the one in line 3: \"One\"\n"},
    {"12345", "part from 1: One\npart 4: Two\n",
     "track.md:4: \"part 4:\" does not say where a part begins; write \"part from N: TITLE\", "
     "where "
     "N is the number of its first task\n"},
    {"12345", "part from 1: One\npart from four: Two\n",
     "track.md:4: \"part from four:\" does not say"},
    {"12345", "part from 1: One\npart from 0: Two\n", "track.md:4: \"part from 0:\" does not say"},
    {"12345", "part from 1: One\npart from  4: Two\n",
     "track.md:4: \"part from  4:\" does not say"},
    {"12345", "parts: One, Two\n", "track.md:3: \"parts:\" does not say"},
    {"1234567", "",
     "track.md:3: the track has 7 tasks and no parts; with more than 6, the head must have lines "
     "\"part from N: TITLE\"\n"},
};

TEST(each_broken_line_is_found)
{
    struct buf out = {0};
    size_t i;

    for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        const char *wanted = broken[i].wanted;
        faults_of(broken[i].numbers, broken[i].lines, &out);
        if (wanted[strlen(wanted) - 1] == '\n')
            CHECK_TEXT(out.data, wanted);
        else
            CHECK_HAS(out.data, wanted);
    }
    buf_release(&out);
}

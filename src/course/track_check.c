#include "track_check.h"

#include "../base/err.h"
#include "../base/str.h"
#include "faults.h"
#include "mistake.h"
#include "page.h"
#include "page_check.h"
#include "track.h"
#include "track_part.h"

#include <string.h>
#include <unistd.h>

struct check {
    const struct course *course;
    const struct track *track;
    struct faults *faults;
    size_t prefix; /* of paths, up to the course's home, which is not shown */
    uint32_t common_count;
};

/* A file that must be there; what it is for stands in the sentence. */
static void need_file(const struct check *c, const char *name, const char *what)
{
    struct buf path = {0};

    buf_addf(&path, "%s/%s", c->track->dir, name);
    if (access(path.data, R_OK) < 0)
        faults_add(c->faults, path.data + c->prefix, 0, "the file is missing: %s", what);
    buf_release(&path);
}

static void check_task(const struct check *c, const struct task *task)
{
    struct page *page = NULL;
    struct err err = {.text = ""};
    const char *shown = task->page + c->prefix;

    if (page_read(task->page, &page, &err) < 0) {
        faults_add(c->faults, shown, 0, "%s", err.text);
        return;
    }
    page_check_task(page, shown, c->faults);
    page_check_links(page, shown, c->course->home, c->faults);
    if (access(task->scenario, R_OK) < 0)
        faults_add(c->faults, task->scenario + c->prefix, 0,
                   "the file is missing: the scenario that grades the task");
    page_free(page);
}

static uint32_t count_common(const struct page *p)
{
    const struct page_part *section = page_part(p, 2, "Common mistakes");
    uint32_t i, end, n = 0;

    if (section == NULL)
        return 0;
    i = (uint32_t)(section - p->parts);
    end = page_part_after(p, i);
    for (i++; i < end; i++)
        n += p->parts[i].level == 3;
    return n;
}

static void check_track_page(struct check *c, bool whole)
{
    struct page *page = NULL;
    struct err err = {.text = ""};
    struct buf path = {0};
    const char *shown;

    buf_addf(&path, "%s/track.md", c->track->dir);
    shown = path.data + c->prefix;
    if (page_read(path.data, &page, &err) < 0) {
        faults_add(c->faults, shown, 0, "%s", err.text);
    } else {
        c->common_count = count_common(page);
        if (whole) {
            page_check_track(page, shown, c->faults);
            track_parts_check(c->track, page, shown, c->faults);
            page_check_links(page, shown, c->course->home, c->faults);
        }
    }
    page_free(page);
    buf_release(&path);
}

/* Tasks are counted from 1, as many as were planned. Gaps are for tasks that are not there yet. */
static void check_numbers(const struct check *c)
{
    const struct track *t = c->track;
    uint32_t i, last = 0, gaps;

    gaps = t->planned_count > t->task_count ? t->planned_count - t->task_count : 0;
    for (i = 0; i < t->task_count; i++) {
        uint32_t number = t->tasks[i].number;

        if (number <= last || number - last - 1 > gaps) {
            faults_add(c->faults, t->tasks[i].page + c->prefix, 0,
                       "expected task %u here: numbers go up by one, from 1", last + 1);
            break;
        }
        gaps -= number - last - 1;
        last = number;
    }
    if (t->task_count == 0)
        faults_add(c->faults, t->dir + c->prefix, 0, "the track has no task");
    else if (t->planned_count > 0 && t->task_count > t->planned_count)
        faults_add(c->faults, t->dir + c->prefix, 0,
                   "there are %u tasks, and planned.txt says only %u", t->task_count,
                   t->planned_count);
}

static void check_mistakes_of(const struct check *c, const struct mistakes *m,
                              const struct task *task)
{
    uint32_t i, count = 0;

    for (i = 0; i < m->count; i++)
        count += m->list[i].task == task->number;
    if (count < MISTAKES_A_TASK_MIN)
        faults_add(c->faults, task->page + c->prefix, 0,
                   "%u patches in mistakes/ are for this task; there should be %d or more", count,
                   MISTAKES_A_TASK_MIN);
}

/* Each common mistake is shown by a patch, and patches name no other. */
static void check_common(const struct check *c, const struct mistakes *m)
{
    uint32_t i, n;

    for (i = 0; i < m->count; i++)
        if (m->list[i].common > c->common_count)
            faults_add(c->faults, m->list[i].path + c->prefix, 0,
                       "track.md has %u common mistakes, and no number %u", c->common_count,
                       m->list[i].common);
    for (n = 1; n <= c->common_count; n++) {
        for (i = 0; i < m->count && m->list[i].common != n; i++)
            ;
        if (i == m->count)
            faults_add(c->faults, c->track->dir + c->prefix, 0,
                       "no patch in mistakes/ shows common mistake %u (\"Common: %u\")", n, n);
    }
}

int track_check(const struct course *course, const struct track *t, const struct task *only,
                struct mistakes *ret_mistakes, struct faults *f, struct err *err)
{
    struct check c = {
        .course = course,
        .track = t,
        .faults = f,
        .prefix = strlen(course->home) + 1,
    };
    uint32_t i;
    int status;

    check_track_page(&c, only == NULL);
    if (only == NULL) {
        check_numbers(&c);
        need_file(&c, "ref/README.md", "what the reference system is, and how it is laid out");
    }
    for (i = 0; i < t->task_count; i++)
        if (only == NULL || only == &t->tasks[i])
            check_task(&c, &t->tasks[i]);
    status = mistakes_read(t, c.prefix, ret_mistakes, f, err);
    for (i = 0; status == 0 && i < t->task_count; i++)
        if (only == NULL || only == &t->tasks[i])
            check_mistakes_of(&c, ret_mistakes, &t->tasks[i]);
    if (status == 0 && only == NULL)
        check_common(&c, ret_mistakes);
    return status;
}

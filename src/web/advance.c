#include "advance.h"

#include "../course/track.h"
#include "site.h"

uint32_t advance_passed(const struct site_progress *p, const struct track *t)
{
    uint32_t i, count = 0;

    for (i = 0; i < t->task_count; i++)
        count += site_progress_passed(p, t->slug, t->tasks[i].slug);
    return count;
}

uint32_t advance_part_passed(const struct site_progress *p, const struct track *t,
                             const struct track_part *part)
{
    uint32_t i, count = 0;

    for (i = part->first; i < part->first + part->count; i++)
        count += site_progress_passed(p, t->slug, t->tasks[i].slug);
    return count;
}

uint32_t advance_begun(const struct site_progress *p, const struct track *t)
{
    uint32_t i, count = 0;

    for (i = 0; i < t->task_count; i++)
        count += site_progress_begun(p, t->slug, t->tasks[i].slug);
    return count;
}

uint32_t advance_all_passed(const struct site *s, const struct site_progress *p)
{
    uint32_t i, count = 0;

    for (i = 0; i < s->course->track_count; i++)
        count += advance_passed(p, &s->course->tracks[i]);
    return count;
}

uint32_t advance_all_tasks(const struct site *s)
{
    uint32_t i, count = 0;

    for (i = 0; i < s->course->track_count; i++)
        count += s->course->tracks[i].task_count;
    return count;
}

const struct task *advance_in_track(const struct site_progress *p, const struct track *t)
{
    const struct task *first = NULL, *behind = NULL;
    uint32_t i;

    for (i = 0; i < t->task_count; i++) {
        const struct task *task = &t->tasks[i];
        if (site_progress_passed(p, t->slug, task->slug)) {
            behind = NULL;
            continue;
        }
        if (site_progress_begun(p, t->slug, task->slug))
            return task;
        if (first == NULL)
            first = task;
        if (behind == NULL)
            behind = task;
    }
    return behind != NULL ? behind : first;
}

/* The next task of a track that was begun, or of one that was not. */
static const struct task *next_of(const struct site *s, const struct site_progress *p, bool begun,
                                  const struct track **ret_track)
{
    uint32_t i;

    for (i = 0; i < s->course->track_count; i++) {
        const struct track *t = &s->course->tracks[i];
        const struct task *task = advance_in_track(p, t);
        if (task == NULL || (advance_begun(p, t) > 0) != begun)
            continue;
        *ret_track = t;
        return task;
    }
    return NULL;
}

const struct task *advance_next(const struct site *s, const struct site_progress *p,
                                const struct track **ret_track)
{
    const struct task *task = next_of(s, p, true, ret_track);

    return task != NULL ? task : next_of(s, p, false, ret_track);
}

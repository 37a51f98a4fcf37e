/* track.h - the course on disk: which tracks there are, their tasks, and what their pages are
 * called.
 *
 *     HOME/course/planned.txt                      tracks of the curriculum, also those not written
 * yet HOME/course/01-messenger/track.md            a track HOME/course/01-messenger/03-echo.md,
 * .lua    a task: its page and its scenario
 *
 * Reading is lenient: a page without a title is called by its slug. page_check.h is the strict one.
 * A track is named by number ("1", "01"), slug ("messenger"), folder ("01-messenger") or by a
 * beginning of the slug that only one has; so is a task within its track. */
#ifndef COURSE_TRACK_H
#define COURSE_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;

struct task {
    uint32_t number; /* as its file says, from 1 */
    char *name;      /* "03-echo" */
    char *slug;      /* "echo" */
    char *title;
    uint32_t level;        /* 1 to 5; 0: its page says none */
    char *page, *scenario; /* paths; the files need not be there */
};

/* Tasks that belong together; see track_part.h. */
struct track_part {
    char *title;
    uint32_t first, count; /* of track.tasks; count is never 0 */
};

struct track {
    uint32_t number;
    char *name; /* "01-messenger" */
    char *slug;
    char *title, *summary, *category; /* "" where unknown */
    char *dir;                        /* NULL: planned only */
    struct task *tasks;               /* by number */
    uint32_t task_count;
    size_t task_cap;
    struct track_part *parts; /* in order, and each task is in one; or there are none */
    uint32_t part_count;
    size_t part_cap;
    uint32_t planned_count; /* of tasks, as planned.txt says; 0: it does not list the track */
    char *planned_needs;    /* slugs with blanks between, likewise; "": it says none */
};

/* The whole systems that are built after the tracks: not one of the 28, though kept like one. */
bool track_is_capstone(const struct track *t);

struct course {
    char *home; /* absolute; kits/ lies there as well */
    struct track *tracks;
    uint32_t track_count; /* by number */
    size_t track_cap;
};

/* The folder that has course/ and kits/: $EDDY_HOME, else what lies beside this program (the
 * repository it was built in, or PREFIX/share/eddy), else the folder that we are in. ERR_INPUT:
 * none of them has; the sentence says where was looked. */
int course_home(struct buf *ret_home, struct err *err);

/* ERR_INPUT: there is no course folder, or planned.txt cannot be read. */
int course_open(const char *home, struct course **ret_course, struct err *err);
void course_close(struct course *c); /* NULL is fine */

/* ERR_INPUT: there is none of this name, or several; the sentence lists what there is. */
int course_find_track(const struct course *c, const char *name, const struct track **ret_track,
                      struct err *err);
int track_find_task(const struct track *t, const char *name, const struct task **ret_task,
                    struct err *err);
const struct task *track_task(const struct track *t, uint32_t number); /* or NULL */
/* The first task with this number or a higher one, or NULL: numbers may have gaps. */
const struct task *track_task_from(const struct track *t, uint32_t number);
uint32_t track_last_number(const struct track *t); /* 0: no tasks */

#endif
